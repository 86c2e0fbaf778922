import { Ajv, type ValidateFunction } from "ajv";
import type { Answer, Outcome } from "./connection.ts";
import type { Document, Operation } from "./document.ts";
import { describeRequest, type FuzzRequest } from "./requests.ts";

/** May the server keep the caller waiting? */
export const isUnhurried = ({ operation, target }: FuzzRequest): boolean =>
  operation?.id === "followLog" || target.includes("wait=");

/** Judges answers by the document that describes them. */
export class Judge {
  private readonly ajv = new Ajv({ strict: false, validateFormats: false });
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(document: Document) {
    this.ajv.addSchema({ $id: "api", components: document.components });
  }

  /** What is wrong with the outcome of a request, and the request; undefined: nothing. */
  fault(request: FuzzRequest, outcome: Outcome): string | undefined {
    const fault = this.faultOf(request, outcome);
    return fault && `${fault}\n${describeRequest(request)}`;
  }

  private faultOf(request: FuzzRequest, outcome: Outcome): string | undefined {
    const { operation } = request;
    if (outcome === "silent") return isUnhurried(request) ? undefined : "no answer";
    // Whoever does not speak HTTP may be cut off; who calls an operation gets an answer.
    if (outcome === "closed") return operation && "the connection was closed without an answer";
    // A request line that is none is taken for one of an unknown version of HTTP.
    if (outcome.status >= 500 && (operation || outcome.status !== 505)) return `${outcome.status}: ${outcome.body}`;
    return operation ? this.departure(operation, outcome) : undefined;
  }

  private departure({ id, responses }: Operation, { status, headers, body }: Answer): string | undefined {
    const documented = responses[status];
    if (!documented) return `${id} answers ${status}, which is not documented: ${body}`;
    const type = headers.get("content-type")?.split(";")[0] ?? "";
    if (body.length === 0 && Object.keys(documented).length === 0) return undefined;
    const schema = documented[type];
    if (!schema)
      return `${id} answers ${status} as ${type}, not as ${Object.keys(documented)}: ${body.subarray(0, 300)}`;
    if (type !== "application/json") return undefined;
    const validate = this.validator(`${id} ${status}`, schema);
    if (validate(JSON.parse(body.toString()))) return undefined;
    return `${id} answers ${status} with ${body.subarray(0, 500)}, in which ${this.ajv.errorsText(validate.errors)}`;
  }

  private validator(name: string, schema: object): ValidateFunction {
    const known = this.validators.get(name);
    if (known) return known;
    const local = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/'));
    const validate = this.ajv.compile(local);
    this.validators.set(name, validate);
    return validate;
  }
}
