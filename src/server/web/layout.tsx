import { ASSETS } from "./assets/assets.ts";
import { UserMenu } from "./parts/user-menu.tsx";
import type { Page, Section } from "./page.ts";
import { hasRole, seesLab, type Visit } from "./visit.ts";

const DOCUMENTATION = "https://documentation.ubuntu.com/testflinger/latest/";

const Entry = ({ name, href, section, page }: { name: string; href: string; section?: Section; page: Page }) => (
  <li>
    <a href={href} aria-current={section !== undefined && section === page.section ? "page" : undefined}>
      {name}
    </a>
  </li>
);

const Navigation = ({ page, visit }: { page: Page; visit: Visit }) => (
  <nav aria-label="Main">
    <ul>
      {seesLab(visit) && (
        <>
          <Entry name="Agents" href="/agents" section="agents" page={page} />
          <Entry name="Jobs" href="/jobs" section="jobs" page={page} />
          <Entry name="Queues" href="/queues" section="queues" page={page} />
          {hasRole(visit, ["manager", "admin"]) && (
            <Entry name="Administration" href="/admin" section="admin" page={page} />
          )}
          <Entry name="Documentation" href={DOCUMENTATION} page={page} />
        </>
      )}
    </ul>
  </nav>
);

/** What every page has around its content (web section 2). */
export const Layout = ({ page, visit }: { page: Page; visit: Visit }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <title>{`${page.title} | Testflinger`}</title>
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="description" content="Testflinger gives test jobs to real devices in a lab." />
      <meta name="keywords" content="testflinger, device testing, lab" />
      <meta name="color-scheme" content="light dark" />
      <link rel="icon" type="image/svg+xml" href={ASSETS.icon} />
      <link rel="stylesheet" href={ASSETS.styles} />
      <script type="module" src={ASSETS.script} />
    </head>
    <body>
      <a class="skip" href="#main">
        Jump to main content
      </a>
      <header class="site-header">
        <a class="brand" href="/">
          <img src={ASSETS.icon} alt="" width="24" height="24" />
          Testflinger
        </a>
        <Navigation page={page} visit={visit} />
        {visit.login && <UserMenu visit={visit} />}
      </header>
      <main id="main" tabIndex={-1} data-live={page.live}>
        {page.content}
      </main>
      <footer class="site-footer">
        <p>Testflinger is free software. Times on these pages are UTC.</p>
        <ul>
          <li>
            <a href="https://ubuntu.com/legal">Legal information</a>
          </li>
          <li>
            <a href="https://ubuntu.com/legal/data-privacy">Data privacy</a>
          </li>
        </ul>
      </footer>
      <p id="announcement" class="visually-hidden" role="status" />
    </body>
  </html>
);
