import { Type } from "@sinclair/typebox";
import { fields, flag, integer, optional, text } from "../../shared/wire.ts";

const length = integer({ minimum: 0, description: "Bytes of the whole archive" });

export const NewUpload = fields(
  {
    length,
    sha256: text({
      pattern: "^[0-9a-f]{64}$",
      description: "SHA-256 of the whole archive, hexadecimal in small letters",
    }),
  },
  { title: "NewUpload" },
);

export const UploadProgress = fields(
  {
    upload_id: optional(text({ description: "Id of the upload; absent when the job has its attachments already" })),
    offset: integer({ description: "Bytes that are stored: the next part begins here" }),
    length,
    complete: flag({ description: "Does the job have its attachments? Then nothing more is needed" }),
  },
  { title: "UploadProgress" },
);

/** As in the IETF draft "Resumable Uploads for HTTP". */
export const AppendHeaders = fields({
  "upload-offset": Type.Integer({ minimum: 0, description: "Where the part begins; as many bytes as are stored" }),
});
