/** `node run-kept.mjs BUNDLE FOLDER ARGUMENTS`: runs a bundle as the local programs are run, with compiled code kept in the folder. */
import compiledCode from "../../scripts/compiled-code.cjs";

const [bundle = "", folder = ""] = process.argv.splice(2, 2);
compiledCode.runKeepingCode(bundle, folder, "all");
