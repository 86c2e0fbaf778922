/** The parts of an OpenAPI 3.0 document that the fuzz test reads. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly nullable?: boolean;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Schema;
}

interface DocumentedOperation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
  readonly "x-permission-roles"?: readonly string[];
}

/** One operation of the document with what is needed to call it and to judge its answers. */
export interface Operation {
  readonly id: string;
  /** In capitals. */
  readonly method: string;
  /** With `{names}` of parameters. */
  readonly path: string;
  readonly query: readonly Parameter[];
  readonly headers: readonly Parameter[];
  readonly body: { readonly type: string; readonly schema: Schema } | undefined;
  /** Status -> media type -> schema; no media types: an empty body. */
  readonly responses: Readonly<Record<string, Readonly<Record<string, Schema>>>>;
  /** Roles let in; undefined: everybody. */
  readonly roles: readonly string[] | undefined;
}

export const operationsOf = ({ paths }: Document): Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationOf(method.toUpperCase(), path, operation)),
  );

function operationOf(method: string, path: string, operation: DocumentedOperation): Operation {
  const [body] = Object.entries(operation.requestBody?.content ?? {});
  return {
    id: operation.operationId,
    method,
    path,
    query: operation.parameters.filter((parameter) => parameter.in === "query"),
    headers: operation.parameters.filter((parameter) => parameter.in === "header"),
    body: body && { type: body[0], schema: body[1].schema },
    responses: Object.fromEntries(
      Object.entries(operation.responses).map(([status, { content = {} }]) => [
        status,
        Object.fromEntries(Object.entries(content).map(([type, { schema }]) => [type, schema])),
      ]),
    ),
    roles: operation["x-permission-roles"],
  };
}

/** The schema that a reference leads to; others as they are. */
export function resolved(schema: Schema, document: Document): Schema {
  const name = schema.$ref?.split("/").at(-1);
  return name === undefined ? schema : (document.components.schemas[name] as Schema);
}
