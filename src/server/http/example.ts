/** One exchange as it happens in a lab. The API description shows it and a test executes it: what it says is what the server does. */
export interface Example {
  /** Parameters of the path that are not the usual ones, which are those of `SAMPLE`. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly answer: { readonly status: number; readonly body: unknown };
}

/** Examples of one operation, by what happens in them. */
export type Examples = Readonly<Record<string, Example>>;

/** What the examples are about. */
export const SAMPLE = {
  job: "7d0f5c3e-9f0b-4c1e-8a63-2b8c9f1d4e57",
  /** The job that a submission has made. */
  newJob: "b1f6a2d4-3c58-4e0f-9d27-6a4e8c0b7f13",
  unknownJob: "00000000-0000-4000-8000-000000000000",
  queue: "rpi4",
  restrictedQueue: "secure-boot",
  agent: "rpi4-bench-2",
  client: "ci-nightly",
  group: "group:kernel",
  secretPath: "ci/github-token",
  now: "2026-03-04T05:06:07Z",
  nowInFull: "2026-03-04T05:06:07.000Z",
  session: "4b1d8f0a-6e2c-4d57-9a3e-0c7b5f2e1d94",
  sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
  upload: "3c0e1f6e-5a0e-4c6b-9d7a-7c4f9b1f2a55",
  accessToken:
    "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJjbGllbnRfaWQiOiJjaS1uaWdodGx5In0.VGhpcyBpcyBhbiBleGFtcGxlLCBubyB0b2tlbi4",
  refreshToken: "ThisIsAnExampleOfARefreshTokenAndNotOneThatWorks",
  clientSecret: "ThisIsAnExampleOfAClientSecretAndNotOneThatWorks",
  code: "ThisIsAnExampleOfACodeAndNotOneThatWorks",
  requestId: "ThisIsAnExampleOfARequestIdThatNobodyHas_00",
} as const;

/** The error envelope (server-api section 1.3). */
export const refusal = (message: string, detail: Readonly<Record<string, unknown>> = {}) => ({ detail, message });
