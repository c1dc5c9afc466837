/**
 * The line to the Python side: frames over standard input and output, read and written at once.
 *
 * A frame is its length (32 bits, little-endian), its kind (one character) and its content. All
 * numbers are little-endian, all times are nanoseconds since power-up as 64-bit floats. The README
 * beside this folder has the table.
 */

import fs from "node:fs";

const TO_CHIP = 0;
const FROM_CHIP = 1;
const HEADER_SIZE = 5;
const TIME_SIZE = 8;
const ROOM = 1 << 16;

/** The other side is gone: a power cut. */
export class LineClosed extends Error {}

export class Link {
  constructor() {
    this.received = Buffer.alloc(ROOM);
    this.start = 0;
    this.end = 0;
    // One for all frames: V8 lets go of buffers of their own only when many megabytes have gathered.
    this.sending = Buffer.alloc(ROOM);
  }

  /** The next frame, waited for; its content lasts until the one after it. @returns {{kind: string, content: Buffer}} */
  receive() {
    this.want(HEADER_SIZE);
    const size = this.received.readUInt32LE(this.start);
    const kind = String.fromCharCode(this.received[this.start + 4]);
    this.start += HEADER_SIZE;
    this.want(size);
    const content = this.received.subarray(this.start, this.start + size);
    this.start += size;
    return { kind, content };
  }

  /**
   * @param {string} kind
   * @param {number} ns when it happened
   * @param {Uint8Array} content
   */
  send(kind, ns, content) {
    const size = HEADER_SIZE + TIME_SIZE + content.length;
    if (size > this.sending.length) {
      this.sending = Buffer.alloc(size);
    }
    const frame = this.sending;
    frame.writeUInt32LE(TIME_SIZE + content.length, 0);
    frame[4] = kind.charCodeAt(0);
    frame.writeDoubleLE(ns, HEADER_SIZE);
    frame.set(content, HEADER_SIZE + TIME_SIZE);
    let written = 0;
    while (written < size) {
      try {
        written += fs.writeSync(FROM_CHIP, frame, written, size - written);
      } catch (error) {
        throw new LineClosed(String(error));
      }
    }
  }

  /** Have so many bytes at `start`. @param {number} count */
  want(count) {
    if (this.end - this.start >= count) {
      return;
    }
    if (this.start + count > this.received.length) {
      const room = count > this.received.length ? Buffer.alloc(count) : this.received;
      this.received.copy(room, 0, this.start, this.end);
      this.received = room;
      this.end -= this.start;
      this.start = 0;
    }
    while (this.end - this.start < count) {
      const read = fs.readSync(TO_CHIP, this.received, this.end, this.received.length - this.end, null);
      if (read === 0) {
        throw new LineClosed("the other side closed the line");
      }
      this.end += read;
    }
  }
}

/** Numbers of a frame, one after the other. */
export class Content {
  /** @param {number} size bytes */
  constructor(size) {
    this.bytes = Buffer.alloc(size);
    this.at = 0;
  }

  /** Begin again, in the same bytes. */
  restart() {
    this.at = 0;
    return this;
  }

  /** @param {number} value */
  f64(value) {
    this.at = this.bytes.writeDoubleLE(value, this.at);
    return this;
  }

  /** @param {number} value */
  u32(value) {
    this.at = this.bytes.writeUInt32LE(value, this.at);
    return this;
  }

  /** @param {number} value */
  u8(value) {
    this.at = this.bytes.writeUInt8(value, this.at);
    return this;
  }

  /** @param {Uint8Array} data */
  raw(data) {
    this.bytes.set(data, this.at);
    this.at += data.length;
    return this;
  }
}
