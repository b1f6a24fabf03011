import launcher from "./launch.cjs";

await launcher.launch("cli");
