/**
 * The host's driver for keyboards (HID): reads the report descriptor, takes reports, sets the lights.
 *
 * What the reports mean, and which lights are on, the Python side knows.
 */

import { SetupRecipient, SetupType } from "./rp2040js.js";

// Device class definition for HID 1.11: 4.1, 7.1 and 7.2
const HID = 3;
const REPORT_DESCRIPTOR = 0x22;
const SET_REPORT = 0x09;
const SET_IDLE = 0x0a;
const OUTPUT_REPORT = 2 << 8;
const LONGEST_DESCRIPTOR = 1024; // a device sends what it has

export class UsbKeyboard {
  /**
   * Each callback answers the lights to set, or null.
   * @param {(descriptor: Uint8Array) => number | null} onDescriptor it is there, and describes itself
   * @param {(report: Uint8Array) => number | null} onReport
   */
  constructor(onDescriptor, onReport) {
    this.onDescriptor = onDescriptor;
    this.onReport = onReport;
    /** @type {((lights: number) => void) | null} */
    this.setLights = null;
  }

  /**
   * @param {import("./usb_host.js").Interface[]} interfaces
   * @param {import("./usb_host.js").UsbHost} host
   */
  claim(interfaces, host) {
    const keyboard = interfaces.find((one) => one.class === HID);
    const input = keyboard?.endpoints.find((one) => one.isIn && one.type === "interrupt");
    if (!keyboard || !input) {
      return;
    }
    const { number } = keyboard;
    this.setLights = (lights) =>
      host.control(
        SetupType.Class, SetupRecipient.Interface, SET_REPORT, OUTPUT_REPORT, number,
        Uint8Array.of(lights),
      );
    host.control(SetupType.Class, SetupRecipient.Interface, SET_IDLE, 0, number);
    host.getInterfaceDescriptor(number, REPORT_DESCRIPTOR, LONGEST_DESCRIPTOR, (descriptor) => {
      host.listen(input, (report) => this.set(this.onReport(report)));
      this.set(this.onDescriptor(descriptor));
    });
  }

  /** The device is lost, or begins anew. */
  gone() {
    this.setLights = null;
  }

  /** @param {number | null} lights */
  set(lights) {
    if (lights !== null && this.setLights) {
      this.setLights(lights);
    }
  }
}
