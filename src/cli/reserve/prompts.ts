import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";
import { shownOn } from "../output/device-text.ts";
import { imageNames, type ProvisionData, provisionDataOf, takesUrls } from "./images.ts";
import { isSshKey } from "./ssh-key.ts";

/** Questions of `reserve`, asked until they are answered (command-line section 10.12). */
export class Prompts {
  constructor(private readonly io: Context["io"]) {}

  /** @param queues advertised queues and their descriptions */
  async queue(queues: ReadonlyMap<string, string>): Promise<string> {
    for (;;) {
      const answer = await this.ask("\nEnter the queue you wish to use ('?' to list): ", "--queue");
      if (answer === "?") {
        const rows = [...queues].map(([name, description]) => ` ${name} - ${description}\n`);
        this.say(["\nAdvertised queues on this server:\n", ...rows].join(""));
      } else if (answer !== "" && (queues.has(answer) || (await this.confirmQueue(answer)))) return answer;
    }
  }

  private async confirmQueue(queue: string): Promise<boolean> {
    this.say(`WARNING: '${queue}' is not in the list of known queues\n`);
    return /^y$/i.test(await this.ask("Do you still want to use it? (y/N) ", "--queue"));
  }

  /**
   * @param images names of known images and their lines of provision data
   * @returns undefined to install nothing
   */
  async image(images: ReadonlyMap<string, string>): Promise<ProvisionData | undefined> {
    const orUrl = takesUrls(images) ? " or a URL for a valid image, starting with http(s)://" : "";
    for (;;) {
      const answer = await this.ask(`\nEnter the image you wish to use${orUrl} ('?' to list): `, "--image or --distro");
      if (answer === "?") this.listImages(images);
      else if (answer === "") {
        if (await this.confirmNoImage()) return undefined;
      } else {
        const data = provisionDataOf(answer, images);
        if (data) return data;
        this.say(`ERROR: '${answer}' is not in the list of known images, try again or use '?' to list them\n`);
      }
    }
  }

  private listImages(images: ReadonlyMap<string, string>): void {
    if (images.size === 0) this.say("WARNING: No images defined for this device. Give the URL of an image instead.\n");
    for (const name of imageNames(images)) this.say(`${name}\n`);
  }

  private async confirmNoImage(): Promise<boolean> {
    for (;;) {
      const question = "No image specified, proceed with no provision data? (y/n) ";
      const letter = (await this.ask(question, "--image or --distro")).charAt(0).toLowerCase();
      if (letter === "y" || letter === "n") return letter === "y";
    }
  }

  async keys(): Promise<string[]> {
    for (;;) {
      const answer = await this.ask("\nEnter the key(s) you wish to use (ex: 'lp:user,gh:user'): ", "--key");
      const keys = answer.split(",").map((key) => key.trim());
      if (keys.every(isSshKey)) return keys;
      if (answer !== "") this.say("Please enter keys in the form of lp:<launchpad user> or gh:<github user>\n");
    }
  }

  /** The last question; the end of input is no consent (W31). */
  async proceed(): Promise<boolean> {
    const answer = await this.ask("Proceed? (Y/n) ", "--yes", { trim: false });
    return answer === "" || /^y$/i.test(answer);
  }

  private async ask(question: string, option: string, { trim = true } = {}): Promise<string> {
    this.io.stdout.write(question);
    const answer = await this.io.stdin.line();
    if (answer === null) throw new CliError(`\nNothing was submitted: standard input has ended. Use ${option}.`);
    return trim ? answer.trim() : answer;
  }

  private say(text: string): void {
    this.io.stdout.write(shownOn(this.io.stdout)(text));
  }
}
