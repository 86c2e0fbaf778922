import { describe, expect, test } from "bun:test";
import { browserOpener, commandFor, isShowable } from "../../../src/cli/runtime/browser.ts";

const URL = "https://idp.example.com/device?code=A&x=$(rm)";

describe("an address from a server is opened only", () => {
  test.each(["https://idp.example.com/device", "http://localhost:8080/x", "http://127.0.0.1/x", "http://[::1]/x"])(
    "when it is encrypted or on this machine: %s",
    (url) => expect(isShowable(url)).toBeTrue(),
  );

  test.each(["http://idp.example.com/", "javascript:alert(1)", "file:///etc/passwd", "ftp://x/", "x", "", "-e"])(
    "and never as %p",
    (url) => expect(isShowable(url)).toBeFalse(),
  );
});

describe("the command that opens an address", () => {
  test.each<[string, Record<string, string>, NodeJS.Platform, string[] | undefined]>([
    ["is the person's choice", { BROWSER: "firefox --new-tab:lynx" }, "linux", ["firefox", "--new-tab", URL]],
    ["may say where the address belongs", { BROWSER: "open-url %s now" }, "linux", ["open-url", URL, "now"]],
    ["is the desktop's", { DISPLAY: ":0" }, "linux", ["xdg-open", URL]],
    ["is the desktop's under Wayland", { WAYLAND_DISPLAY: "wayland-0" }, "linux", ["xdg-open", URL]],
    ["does not exist without a screen", {}, "linux", undefined],
    ["is macOS's", {}, "darwin", ["open", URL]],
    ["is Windows', past its command interpreter", {}, "win32", ["rundll32", "url.dll,FileProtocolHandler", URL]],
  ])("%s", (_, env, platform, command) => expect(commandFor(URL, env, platform)).toEqual(command));
});

test("a browser that cannot be started is no error", async () => {
  expect(await browserOpener({ BROWSER: "/does/not/exist" }, "linux")(URL)).toBeFalse();
});
