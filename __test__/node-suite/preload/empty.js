'use strict';
// Preloaded to see whether a test fails merely because something is preloaded.
