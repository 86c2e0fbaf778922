import { refusal, SAMPLE } from "../http/example.ts";
import { ok } from "../http/reply.ts";
import { LAB, PEOPLE, type Route, route } from "../http/route.ts";
import type { QueueStore } from "../store/queues.ts";
import { assertAdvertisement, assertImages } from "./advertisement.ts";
import { percentiles } from "./percentiles.ts";
import { AdvertisedQueues, AnyObject, Images, WaitTimes, WaitTimesQuery } from "./schema.ts";

const tag = "Queues";

export const queueRoutes = (queues: QueueStore, now: () => Date): Route[] => [
  route(
    {
      method: "POST",
      path: "/v1/agents/queues",
      id: "advertiseQueues",
      tag,
      access: LAB,
      summary: "Advertise queues",
      description: "Queue -> description for people.",
      body: AnyObject,
      bodyText: { type: "application/json", description: "Queue -> description" },
      responses: { 200: { description: "Stored", body: "text" } },
      examples: {
        "two queues": {
          body: { rpi4: "Raspberry Pi 4 with 8 GB", "secure-boot": "PCs with TPM 2.0; ask the security team" },
          answer: { status: 200, body: "OK" },
        },
        "a description that is no text": {
          body: { rpi4: 4 },
          answer: {
            status: 422,
            body: refusal("Validation error", { json: { _schema: ["Description for queue 'rpi4' must be a string"] } }),
          },
        },
      },
    },
    async ({ body }) => {
      assertAdvertisement(body);
      await queues.advertise(body, now());
      return ok();
    },
  ),
  route(
    {
      method: "GET",
      path: "/v1/agents/queues",
      id: "listQueues",
      tag,
      access: PEOPLE,
      summary: "List advertised queues",
      responses: { 200: { description: "Queue -> description", body: AdvertisedQueues } },
      examples: {
        "two queues": {
          answer: {
            status: 200,
            body: { rpi4: "Raspberry Pi 4 with 8 GB", "secure-boot": "PCs with TPM 2.0; ask the security team" },
          },
        },
      },
    },
    () => queues.advertised(),
  ),
  route(
    {
      method: "POST",
      path: "/v1/agents/images",
      id: "setImages",
      tag,
      access: LAB,
      summary: "Set the images of queues",
      description: "Queue -> image -> provision data. The images of each queue named are replaced as a whole.",
      body: AnyObject,
      bodyText: { type: "application/json", description: "Queue -> image -> provision data" },
      responses: { 200: { description: "Stored", body: "text" } },
      examples: {
        "two images of a queue": {
          body: {
            rpi4: { noble: "url: https://images.example.com/rpi4/noble.img.xz", "core-24": "distro: core24" },
          },
          answer: { status: 200, body: "OK" },
        },
      },
    },
    async ({ body }) => {
      assertImages(body);
      await queues.setImages(body);
      return ok();
    },
  ),
  route(
    {
      method: "GET",
      path: "/v1/agents/images/:queue",
      id: "getImages",
      tag,
      access: PEOPLE,
      summary: "Images of a queue",
      responses: { 200: { description: "Image -> provision data; empty for unknown queues", body: Images } },
      examples: {
        "two images of a queue": {
          answer: {
            status: 200,
            body: { noble: "url: https://images.example.com/rpi4/noble.img.xz", "core-24": "distro: core24" },
          },
        },
      },
    },
    ({ params }) => queues.images(params.queue),
  ),
  route(
    {
      method: "GET",
      path: "/v1/queues/wait_times",
      id: "getWaitTimes",
      tag,
      access: PEOPLE,
      summary: "How long jobs waited",
      description: "Percentiles over the last 1000 jobs taken from each queue, in seconds.",
      query: WaitTimesQuery,
      responses: { 200: { description: "Queue -> percentile -> seconds", body: WaitTimes } },
      examples: {
        "one job in ten waits longer than 100 seconds": {
          query: { queue: [SAMPLE.queue] },
          answer: { status: 200, body: { rpi4: { 5: 15, 10: 20, 50: 60, 90: 100, 95: 105 } } },
        },
      },
    },
    async ({ query }) => {
      const samples = await queues.waitTimes(query.queue?.length ? query.queue : undefined);
      return Object.fromEntries([...samples].map(([queue, waits]) => [queue, percentiles(waits)]));
    },
  ),
];
