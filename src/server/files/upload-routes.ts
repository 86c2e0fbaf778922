import { refusal, SAMPLE } from "../http/example.ts";
import { json, ok } from "../http/reply.ts";
import { PEOPLE, type Route, route } from "../http/route.ts";
import { partOf } from "./part.ts";
import { AppendHeaders, NewUpload, UploadProgress } from "./schema.ts";
import type { Progress, UploadService } from "./upload-service.ts";

const tag = "Files";
const badId = { description: "The job id is no UUID", body: "text" } as const;
const unknownUpload = { description: "The job has no such upload (any more); begin a new one" };
const unwanted = { description: "The job does not wait, is unknown, or has no attachments", body: "text" } as const;

/** Attachments in parts: an addition to the reference's API, which clients find as `resumable-upload` at `/v1/server`. */
export const uploadRoutes = (uploads: UploadService): Route[] => [
  route(
    {
      method: "POST",
      path: "/v1/job/:job_id/attachments/uploads",
      id: "beginUpload",
      tag,
      access: PEOPLE,
      summary: "Begin to upload the attachments of a job in parts",
      description:
        "An upload in parts goes on where a lost connection has left it. A job has one: beginning with other content takes its place, beginning again with " +
        "the same content goes on with it. It is kept for a day after the last part.",
      body: NewUpload,
      responses: {
        200: {
          description: "An upload of this content has begun before, or the job has its attachments already",
          body: UploadProgress,
        },
        201: {
          description: "The upload; `Location` is its path",
          body: UploadProgress,
        },
        400: { description: "The job id is no UUID, or the body is not JSON", body: ["text", "error"] },
        413: { description: "The archive is larger than the server accepts" },
        422: { description: `${unwanted.description}; or the body is not valid`, body: ["text", "error"] },
      },
      examples: {
        "an archive of 5 GiB": {
          body: { length: 5_368_709_120, sha256: SAMPLE.sha256 },
          answer: {
            status: 201,
            body: { upload_id: SAMPLE.upload, offset: 0, length: 5_368_709_120, complete: false },
          },
        },
        "a job without attachments": {
          body: { length: 5_368_709_120, sha256: SAMPLE.sha256 },
          answer: { status: 422, body: `Job ${SAMPLE.job} not awaiting attachments\n` },
        },
      },
    },
    async ({ caller, params, body }) => {
      const { upload, isNew } = await uploads.begin(caller, params.job_id, body);
      if (!isNew) return answer(upload);
      return answer(upload, 201, { location: `/v1/job/${params.job_id}/attachments/uploads/${upload.id}` });
    },
  ),
  route(
    {
      method: "GET",
      path: "/v1/job/:job_id/attachments/uploads/:upload_id",
      id: "getUpload",
      tag,
      access: PEOPLE,
      summary: "How far is an upload?",
      description:
        "Ends the request that appends to the upload, if there is one: the offset that is told stays the right one for the next part. `Upload-Offset` tells it " +
        "to HEAD.",
      responses: {
        200: { description: "The upload", body: UploadProgress },
        400: badId,
        404: unknownUpload,
      },
      examples: {
        "the connection was lost after nine bytes": {
          answer: { status: 200, body: { upload_id: SAMPLE.upload, offset: 9, length: 21, complete: false } },
        },
        "an upload that is no more": {
          answer: {
            status: 404,
            body: refusal(`There is no upload ${SAMPLE.upload} of this job (any more). Begin a new one.`),
          },
        },
      },
    },
    async ({ caller, params }) => answer(await uploads.locate(caller, params.job_id, params.upload_id)),
  ),
  route(
    {
      method: "PATCH",
      path: "/v1/job/:job_id/attachments/uploads/:upload_id",
      id: "appendToUpload",
      tag,
      access: PEOPLE,
      summary: "Append a part to an upload",
      description:
        "The part may be of any size. What arrives is stored, also when the connection breaks in the middle. Of several requests the last one appends; the " +
        "others end with 409.",
      headers: AppendHeaders,
      bodyText: { type: "application/octet-stream", description: "The bytes of the archive from the offset on" },
      responses: {
        200: { description: "The part is stored", body: UploadProgress },
        400: { description: "The job id is no UUID, or the body was cut off", body: ["text", "error"] },
        404: unknownUpload,
        409: { description: "Another part is wanted: `Upload-Offset` tells which; or a later request appends" },
        413: { description: "The part is longer than what is missing" },
        422: { description: `${unwanted.description}; or the header is missing`, body: ["text", "error"] },
      },
      examples: {
        "the second part": {
          headers: { "upload-offset": "9" },
          answer: { status: 200, body: { upload_id: SAMPLE.upload, offset: 21, length: 21, complete: false } },
        },
        "a part that was stored before": {
          headers: { "upload-offset": "0" },
          answer: { status: 409, body: refusal("The next part begins at byte 9.") },
        },
      },
    },
    async ({ caller, params, headers, request }) => {
      const offset = headers["upload-offset"];
      return answer(
        await uploads.append(caller, params.job_id, params.upload_id, offset, (room) => partOf(request, room)),
      );
    },
  ),
  route(
    {
      method: "POST",
      path: "/v1/job/:job_id/attachments/uploads/:upload_id/complete",
      id: "completeUpload",
      tag,
      access: PEOPLE,
      audit: "upload_complete",
      summary: "Complete an upload in parts",
      description:
        "Checks the SHA-256 of what is stored, then does what the upload in one piece does: agents get the job. May be repeated after a lost answer.",
      responses: {
        200: { description: "The job has its attachments", body: "text" },
        400: {
          description: `${badId.description}; or the SHA-256 is another one, and a new upload has to be begun`,
          body: ["text", "error"],
        },
        404: unknownUpload,
        409: { description: "Something is missing: `Upload-Offset` tells where" },
        422: unwanted,
      },
      examples: {
        "all parts are there": { answer: { status: 200, body: "OK" } },
        "something is missing": { answer: { status: 409, body: refusal("The next part begins at byte 9.") } },
      },
    },
    async ({ caller, params }) => {
      await uploads.complete(caller, params.job_id, params.upload_id);
      return ok();
    },
  ),
];

const answer = (
  { id, received, length, isComplete }: Progress,
  status = 200,
  headers: Record<string, string> = {},
): Response =>
  json({ ...(id === undefined ? {} : { upload_id: id }), offset: received, length, complete: isComplete }, status, {
    "upload-offset": String(received),
    "cache-control": "no-store",
    ...headers,
  });
