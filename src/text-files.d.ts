/** Files that are embedded as text: `import unit from "….service" with { type: "text" }`. */
declare module "*.service" {
  const text: string;
  export default text;
}

declare module "*.yaml" {
  const text: string;
  export default text;
}

declare module "*.plist" {
  const text: string;
  export default text;
}

declare module "*.ps1" {
  const text: string;
  export default text;
}

declare module "*.sql" {
  const text: string;
  export default text;
}
