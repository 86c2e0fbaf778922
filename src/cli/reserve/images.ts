import { byCodePoint } from "../format/code-points.ts";

/** What to install, as the job says it: `{url: …}`, `{distro: …}`. */
export type ProvisionData = Readonly<Record<string, string | boolean>>;

type Images = ReadonlyMap<string, string>;

export const imageNames = (images: Images): string[] => [...images.keys()].sort(byCodePoint);

/** Can a URL stand for an image on these devices? */
export const takesUrls = (images: Images): boolean => [...images.values()].some((line) => line.startsWith("url:"));

export const isUrl = (text: string): boolean => /^https?:\/\//.test(text);

/** The provision data of an image that is given by URL or by name; undefined when there is no such image. */
export function provisionDataOf(image: string, images: Images): ProvisionData | undefined {
  if (isUrl(image)) return { url: image };
  const line = images.get(image);
  return line === undefined ? undefined : fromLine(line);
}

/** A known image is one line of YAML, such as `url: http://…` or `distro: noble` (W30). */
function fromLine(line: string): ProvisionData {
  const url = line.lastIndexOf("url:");
  if (url >= 0) return { url: line.slice(url + "url:".length).trim() };
  const [, key, value] = /^\s*([A-Za-z_]+):\s+(.*)$/s.exec(line) ?? [];
  return key && value ? { [key]: value.trim() } : { url: line.trim() };
}
