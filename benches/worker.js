'use strict';

// Runs one case, for one variant, in one runtime. Started by run.js; speaks with it in lines of JSON:
// says when it is ready, does a round for each line that comes in, ends with its input.

const { writeSync } = require('node:fs');
const { createInterface } = require('node:readline');

const task = JSON.parse(process.argv[2]);
const cp = require(task.module);

/** @param {object} answer */
function tell(answer) {
  writeSync(1, `${JSON.stringify(answer)}\n`);
}

async function main() {
  const { prepare } = require(`./cases/${task.case}.js`);
  const { close, round } = await prepare({ cp, ...task });
  const lines = createInterface({ input: process.stdin });
  tell({ ready: true });
  for await (const _line of lines) tell({ samples: await round() });
  await close?.();
  process.exit();
}

main().catch((error) => {
  tell({ error: String(error?.stack ?? error) });
  process.exit(1);
});
