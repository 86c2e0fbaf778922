/** Imported with `type: "file"`: the path of the file, also within the executable. */
declare module "swagger-ui-dist/*" {
  const path: string;
  export default path;
}
