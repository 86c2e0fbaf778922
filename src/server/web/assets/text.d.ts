/** Files that are imported `with { type: "text" }`. */
declare module "*.svg" {
  const text: string;
  export default text;
}
declare module "*/testflinger.css" {
  const text: string;
  export default text;
}
