/**
 * Loaded for its effect: from then on `child_process`, however a program asks for it, is this package.
 *
 *     node -r rs-child-process/register app.js
 */
export {};
