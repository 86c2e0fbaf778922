/** What an agent tells about itself (data section 3.4); fields never sent are absent. */
export interface AgentReport {
  identifier?: string;
  job_id?: string;
  location?: string;
  provision_type?: string;
  state?: string;
  comment?: string;
  queues?: string[];
}

export interface Agent extends AgentReport {
  readonly name: string;
  readonly updatedAt: Date;
  readonly provisionStreak?: { readonly type: "pass" | "fail"; readonly count: number };
}

export interface ProvisionAttempt {
  readonly jobId: string;
  readonly exitCode: number;
  readonly detail?: string;
  readonly timestamp: Date;
}

export interface AgentStore {
  /** Creates the agent or replaces the given fields; `updatedAt` = now; log lines are appended, the last 100 kept. */
  report(name: string, report: AgentReport, log: readonly string[], now: Date): Promise<void>;
  find(name: string): Promise<Agent | null>;
  /** All agents by name. */
  list(): Promise<Agent[]>;
  /** Agents that list the queue, by name. */
  inQueue(queue: string): Promise<Agent[]>;
  /** Does any agent other than the excluded ones list the queue? */
  servesQueue(queue: string, excluded?: readonly string[]): Promise<boolean>;
  /** The last 100 log lines. */
  log(name: string): Promise<string[]>;
  /** Appends to the agent's provision history (last 100 kept) and counts the streak, atomically. False and nothing stored for an unknown agent. */
  recordProvision(name: string, attempt: ProvisionAttempt): Promise<boolean>;
  /** Newest first. */
  provisionHistory(name: string): Promise<ProvisionAttempt[]>;
}
