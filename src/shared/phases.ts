/** The phases of a job, in the order in which an agent runs them (server-api section 5.1). */
export const PHASES = ["setup", "provision", "firmware_update", "test", "allocate", "reserve", "cleanup"] as const;
export type Phase = (typeof PHASES)[number];

/** The two logs of a job: what its commands print, and the device's serial console. */
export const LOG_TYPES = ["output", "serial"] as const;
export type LogType = (typeof LOG_TYPES)[number];

export const isPhase = (text: string): text is Phase => (PHASES as readonly string[]).includes(text);
export const isLogType = (text: string): text is LogType => (LOG_TYPES as readonly string[]).includes(text);

/** States in which a job has ended. `completed` is the spelling of old databases and servers. */
export const TERMINAL_STATES = ["complete", "cancelled", "completed"] as const;
export const isTerminal = (state: string): boolean => (TERMINAL_STATES as readonly string[]).includes(state);
