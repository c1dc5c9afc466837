/** Where the emulator reports to: only its errors are worth reading, and standard output is the line. */

export const log = {
  debug() {},
  info() {},
  warn() {},
  /**
   * @param {string} block
   * @param {string} message
   */
  error(block, message) {
    process.stderr.write(`${block}: ${message}\n`);
  },
};
