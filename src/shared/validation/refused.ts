/** Where validation found fault: messages by field, nested as the value is; those of the value itself under `_schema`. */
export type FieldMessages = { [field: string]: string | string[] | FieldMessages };

/** Of a value itself, or of its parts by their names; a bare text only where the reference sends one. */
export type Messages = string[] | string | FieldMessages;

/** What is wrong with a value; thrown while it is converted. */
export class Refused {
  constructor(readonly messages: Messages) {}

  get byField(): FieldMessages {
    const { messages } = this;
    return typeof messages === "string" || Array.isArray(messages) ? { _schema: messages } : messages;
  }
}

/** Faults that are told of one object or list at the most. To look for millions of them would hold every other request up for a minute. */
const MAX_FAULTS = 100;

/** What is wrong with the parts of an object or a list. */
export class Faults {
  readonly messages: FieldMessages = {};
  private count = 0;

  add(name: string, messages: Messages): void {
    setOwn(this.messages, name, messages);
    this.count += 1;
  }

  /** Adds what was thrown while a part was converted. */
  catch(name: string | number, fault: unknown): void {
    if (!(fault instanceof Refused)) throw fault;
    this.add(String(name), fault.messages);
  }

  get areEnough(): boolean {
    return this.count >= MAX_FAULTS;
  }

  refuseIfAny(): void {
    if (this.count > 0) throw new Refused(this.messages);
  }
}

/** The value itself is wrong. */
export const refuse = (...messages: string[]): never => {
  throw new Refused(messages);
};

/** Assigning to `__proto__` would change the object's prototype instead of adding a field. */
export function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__")
    Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
  else target[name] = value;
}

/** What is wrong with a part; undefined if it can be converted. */
export function faultOf(convertPart: () => unknown): Messages | undefined {
  try {
    convertPart();
    return undefined;
  } catch (fault) {
    if (fault instanceof Refused) return fault.messages;
    throw fault;
  }
}
