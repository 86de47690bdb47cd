'use strict';

/* A child that sends back what it is sent, until it is told to leave. */
process.on('message', (message) => {
  if (message === 'leave') process.exit();
  else process.send?.(message);
});
