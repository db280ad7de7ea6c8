// Bundles the tab into ../static/index.js: one ES module that loads nothing else.
import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const root = new URL(".", import.meta.url);
const output = new URL("../static/", root);

// The licenses of what is bundled ask to be kept with every copy.
const { dependencies } = JSON.parse(
  await readFile(new URL("package.json", root), "utf8"),
);
const licenses = await Promise.all(
  Object.entries(dependencies).map(async ([name, version]) => {
    const text = await readFile(new URL(`node_modules/${name}/LICENSE`, root), "utf8");
    return `${name} ${version}\n\n${text.trim()}\n`;
  }),
);

await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });
await build({
  absWorkingDir: fileURLToPath(root),
  entryPoints: ["src/app/index.tsx"],
  outfile: fileURLToPath(new URL("index.js", output)),
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  minify: true,
  jsx: "automatic",
  jsxImportSource: "preact",
  // The content policy of TensorBoard allows style tags; a second file would cost a
  // request before the first picture.
  loader: { ".css": "text" },
  legalComments: "none",
  footer: { js: `/*! Contains:\n\n${licenses.join("\n")}*/` },
  logLevel: "warning",
});
// For those who look for licenses in an installed package.
await writeFile(new URL("LICENSES.txt", output), licenses.join("\n"));
