import { refusal, SAMPLE } from "../http/example.ts";
import { ok } from "../http/reply.ts";
import { AGENTS, PEOPLE, type Route, route } from "../http/route.ts";
import { download, RANGE_HEADERS, RANGE_RESPONSES } from "./download.ts";
import { uploadedFile } from "./multipart.ts";
import type { FileService } from "./service.ts";

const tag = "Files";
const badId = { description: "The job id is no UUID", body: "text" } as const;
const noFile = { description: "No file; empty" };
const badUpload = {
  description: "The job id is no UUID, or the form has no part `file` with a file name",
  body: ["text", "error"],
} as const;
const tooLarge = { description: "The file is larger than the server accepts" };
const form = {
  type: "multipart/form-data",
  description: "A form whose part `file` has a file name and holds a gzip-compressed tar archive",
};

/** What the downloads of both archives have in common. */
const archive = {
  headersText: RANGE_HEADERS,
  responses: {
    200: { description: "The archive", body: "application/gzip" },
    204: noFile,
    ...RANGE_RESPONSES,
    400: badId,
  },
  examples: {
    "no UUID": { params: { job_id: "nightly-wifi" }, answer: { status: 400, body: "Invalid job id\n" } },
  },
} as const;

export const fileRoutes = (files: FileService): Route[] => [
  route(
    {
      method: "POST",
      path: "/v1/job/:job_id/attachments",
      id: "uploadAttachments",
      tag,
      access: PEOPLE,
      audit: "upload_complete",
      summary: "Upload the attachments of a job",
      description:
        "Agents get a job with attachments only after this. Once they are there, a further upload is accepted and thrown away, so that it may be " +
        "repeated after a lost answer.",
      bodyText: form,
      responses: {
        200: { description: "The job has its attachments", body: "text" },
        400: badUpload,
        413: tooLarge,
        422: { description: "The job does not wait, is unknown, or has no attachments", body: "text" },
      },
      examples: {
        "a job waits for its attachments": { answer: { status: 200, body: "OK" } },
        "a job without attachments": { answer: { status: 422, body: `Job ${SAMPLE.job} not awaiting attachments\n` } },
      },
    },
    async ({ caller, params, request }) => {
      await files.receiveAttachments(caller, params.job_id, (limit) => uploadedFile(request, limit));
      return ok();
    },
  ),
  route(
    {
      method: "GET",
      path: "/v1/job/:job_id/attachments",
      id: "downloadAttachments",
      tag,
      access: AGENTS,
      summary: "Download the attachments of a job",
      ...archive,
    },
    async ({ params, request }) =>
      download(request, await files.open(params.job_id, "attachments"), "attachments.tar.gz"),
  ),
  route(
    {
      method: "POST",
      path: "/v1/result/:job_id/artifact",
      id: "uploadArtifact",
      tag,
      access: AGENTS,
      audit: "upload_complete",
      summary: "Upload what a job has left",
      description: "For agents. A later upload takes the place of an earlier one.",
      bodyText: form,
      responses: {
        200: { description: "Stored; also for unknown jobs, of which nothing is kept", body: "text" },
        400: badUpload,
        413: tooLarge,
      },
      examples: {
        "a job has ended": { answer: { status: 200, body: "OK" } },
        "a form without a file": { answer: { status: 400, body: refusal("Bad Request") } },
      },
    },
    async ({ params, request }) => {
      await files.receiveArtifact(params.job_id, (limit) => uploadedFile(request, limit));
      return ok();
    },
  ),
  route(
    {
      method: "GET",
      path: "/v1/result/:job_id/artifact",
      id: "downloadArtifact",
      tag,
      access: PEOPLE,
      summary: "Download what a job has left",
      ...archive,
    },
    async ({ params, request }) => download(request, await files.open(params.job_id, "artifact"), "artifact.tar.gz"),
  ),
];
