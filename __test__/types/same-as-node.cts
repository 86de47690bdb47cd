// The whole face of node:child_process is there, each export with the very same type.

import builtin = require('node:child_process');
import ours = require('rs-child-process');

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Assert<T extends true> = T;

type Names = Assert<Same<Exclude<keyof typeof ours, 'backend'>, keyof typeof builtin>>;
type Values = Assert<Same<{ [K in keyof typeof builtin]: Same<(typeof ours)[K], (typeof builtin)[K]> }[keyof typeof builtin], true>>;

// An object of one module is accepted where the other's is asked for.
const child: builtin.ChildProcess = ours.spawn('true');
const options: ours.SpawnOptions = { shell: true } satisfies builtin.SpawnOptions;
const drop: typeof builtin = ours;

// What must not compile does not.
// @ts-expect-error a command is a string
ours.spawn(1);
// @ts-expect-error there is no such option
ours.spawn('true', { cmd: 'x' });
// @ts-expect-error backend cannot be set
ours.backend = 'node';

export type { Names, Values };
export { child, options, drop };
