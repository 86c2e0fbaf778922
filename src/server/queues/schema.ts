import { Type } from "@sinclair/typebox";
import { list, optional, text } from "../../shared/wire.ts";

/** Queue -> description. */
export const AdvertisedQueues = Type.Record(Type.String(), Type.String(), { title: "AdvertisedQueues" });

/** Image -> provision data, a piece of YAML. */
export const Images = Type.Record(Type.String(), Type.String(), { title: "Images" });

export const WaitTimesQuery = Type.Object({
  queue: optional(list(text(), { description: "Queue; may be repeated. Absent: all queues" })),
});

/** Queue -> percentile -> seconds. */
export const WaitTimes = Type.Record(Type.String(), Type.Record(Type.String(), Type.Number()), { title: "WaitTimes" });

/** An object of any form, whose faults have messages of their own. */
export const AnyObject = Type.Object({}, { additionalProperties: true });
