'use strict';

/**
 * Keys of what this package's own files keep on a ChildProcess or a stream, out of the way of the
 * user's properties.
 */
module.exports = {
  /** AsyncResource of a ChildProcess: every callback about the child runs in its scope. */
  kAsyncResource: Symbol('rs-child-process.asyncResource'),
  /** Method of a ChildProcess: counts one of the ends that 'close' waits for. */
  kMaybeClose: Symbol('rs-child-process.maybeClose'),
  /** Mark of a stream whose descriptor a child has been given as stdio: nothing reads it here. */
  kIsUsedAsStdio: Symbol('rs-child-process.isUsedAsStdio'),
  /** The native channel of a ChildProcess with an 'ipc' slot. */
  kChannel: Symbol('rs-child-process.channel'),
  /** Messages that came before there was a 'message' listener. */
  kPendingMessages: Symbol('rs-child-process.pendingMessages'),
  /** The lazily created parent ends of a ChildProcess (ParentEnds, or undefined before spawn). */
  kStreams: Symbol('rs-child-process.streams'),
  /** What a ChildProcess does when the engine enforces a limit (execFile() has its own). */
  kLimits: Symbol('rs-child-process.limits'),
};
