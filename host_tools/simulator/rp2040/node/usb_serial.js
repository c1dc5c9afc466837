/** The host's driver for serial ports over USB (CDC ACM): MicroPython's standard input and output. */

import { SetupRecipient, SetupType } from "./rp2040js.js";

// Class definitions for communication devices 1.2, table 13 and 14
const COMMUNICATION = 2;
const DATA = 10;
const SET_CONTROL_LINE_STATE = 0x22;
const DTR_AND_RTS = 3;

export class UsbSerial {
  /**
   * @param {(data: Uint8Array) => void} onData what the device prints
   * @param {() => void} onConnected the port is there
   */
  constructor(onData, onConnected) {
    this.onData = onData;
    this.onConnected = onConnected;
    /** @type {{send: (data: Uint8Array) => void} | null} */
    this.sender = null;
    /** @type {Uint8Array[]} sent before there was a device */
    this.early = [];
  }

  /** To the device; it waits until there is one. @param {Uint8Array} data */
  send(data) {
    if (this.sender) {
      this.sender.send(data);
    } else {
      this.early.push(data);
    }
  }

  /**
   * @param {import("./usb_host.js").Interface[]} interfaces
   * @param {import("./usb_host.js").UsbHost} host
   */
  claim(interfaces, host) {
    const line = interfaces.find((one) => one.class === COMMUNICATION);
    const data = interfaces.find((one) => one.class === DATA);
    const input = data?.endpoints.find((one) => one.isIn && one.type === "bulk");
    const output = data?.endpoints.find((one) => !one.isIn && one.type === "bulk");
    if (!line || !input || !output) {
      return;
    }
    host.listen(input, this.onData);
    this.sender = host.sender(output);
    this.early.splice(0).forEach((data) => this.send(data));
    host.control(
      SetupType.Class, SetupRecipient.Interface, SET_CONTROL_LINE_STATE, DTR_AND_RTS, line.number,
      undefined, this.onConnected,
    );
  }
}
