'use strict';

// Why a runtime does not take part in a case.

const lines = 'advanced messages: it speaks lines of JSON only';
const plain = 'the work is in the serialisation';
const serialization = 'advanced messages: its serialisation is another than that of the Node child';
const handles = 'passes messages without their handles to a Node child';

/** For `advanced` messages. */
const ADVANCED = { bun: serialization, deno: serialization, floor: lines };
/** For handles. */
const HANDLES = { deno: handles, floor: 'the work is in the protocol' };
/** For fork() with another runtime as the child. */
const FORK_OF_NODE = { deno: 'its fork() cannot start a Node child' };
/** For messages of hundreds of megabytes. */
const HUGE = { floor: plain };

module.exports = { ADVANCED, FORK_OF_NODE, HANDLES, HUGE };
