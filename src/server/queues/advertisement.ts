import { isPlainObject } from "../../shared/plain-object.ts";
import { MAX_INDEXED } from "../../shared/wire.ts";
import { invalid } from "../http/problem.ts";

const refuse = (message: string): never => {
  throw invalid("json", { _schema: [message] });
};

function assertNotTooMany(queues: Record<string, unknown>): void {
  if (Object.keys(queues).length > MAX_INDEXED) refuse(`At most ${MAX_INDEXED} queues can be told of at once`);
}

/** Checks `POST /v1/agents/queues`: queue -> description. Only the first fault is told (server-api section 6.21). */
export function assertAdvertisement(body: Record<string, unknown>): asserts body is Record<string, string> {
  assertNotTooMany(body);
  for (const [queue, description] of Object.entries(body)) {
    if (queue === "") refuse("Queue names must be non-empty strings");
    if (typeof description !== "string") refuse(`Description for queue '${queue}' must be a string`);
  }
}

/** Checks `POST /v1/agents/images`: queue -> image -> provision data. Only the first fault is told (server-api section 6.23). */
export function assertImages(body: Record<string, unknown>): asserts body is Record<string, Record<string, string>> {
  assertNotTooMany(body);
  for (const [queue, images] of Object.entries(body)) {
    if (queue === "") refuse("Queue names must be non-empty strings");
    if (!isPlainObject(images)) return refuse(`Images for queue '${queue}' must be a dict`);
    for (const [image, data] of Object.entries(images)) {
      // A database may read `$`, `.` and NUL in a key as an instruction.
      if (image === "" || image.startsWith("$") || image.includes(".") || image.includes("\0"))
        refuse(
          `Names for queue '${queue}' must be non-empty strings, must not start with '$', contain '.' or null bytes`,
        );
      if (typeof data !== "string") refuse(`Provision data for image '${image}' in queue '${queue}' must be a string`);
    }
  }
}
