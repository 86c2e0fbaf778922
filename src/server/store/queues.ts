/** Queues that agents advertise, their images, restrictions and wait times (data sections 3.5, 3.6, 3.8). */
export interface QueueStore {
  /** Creates or renews advertised queues: name -> description. */
  advertise(queues: Readonly<Record<string, string>>, now: Date): Promise<void>;
  /** Advertised queues: name -> description, by name. Queues that have images only are among them, with an empty description, as in the reference. */
  advertised(): Promise<Record<string, string>>;
  /** Replaces the whole image map of each queue named. */
  setImages(images: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<void>;
  /** Image name -> provision data; empty for unknown queues. */
  images(queue: string): Promise<Record<string, string>>;
  /** Notes how long a popped job waited, in seconds; the last 1000 samples of a queue are kept. */
  recordWait(queue: string, seconds: number): Promise<void>;
  /** Samples of the named queues that have any, or of all queues. */
  waitTimes(queues?: readonly string[]): Promise<Map<string, number[]>>;

  /** Restricted queues with their owners (clients whose `allowed_queues` name the queue, or one of whose patterns fits it), by name; owners sorted. */
  restricted(): Promise<{ queue: string; owners: string[] }[]>;
  /** Owners of the queue, sorted; null if it is not restricted. */
  owners(queue: string): Promise<string[] | null>;
  isRestricted(queue: string): Promise<boolean>;
  /** Of the given queues those that are restricted, with their owners. One query, however many queues. */
  restrictions(queues: readonly string[]): Promise<Map<string, string[]>>;
  /**
   * Restricts the queue and makes a client one of its owners: both or, where that is cut short, nothing by which a restricted queue opens. False for an
   * unknown client; nothing changes then.
   */
  restrict(queue: string, owner: string): Promise<boolean>;
  /**
   * Removes an owner (also one that no longer exists) from those whom the queue is named for; the restriction ends with the last owner. Cut short,
   * it leaves the queue restricted. False if the queue is not restricted.
   */
  removeOwner(queue: string, owner: string): Promise<boolean>;
  /** Restricts a queue without an owner, or ends a restriction whatever its owners (which lose the entry). For operators only. */
  setRestricted(queue: string, restricted: boolean): Promise<void>;
}
