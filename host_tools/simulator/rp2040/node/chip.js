/**
 * The chip on its board: its lives one after the other, and what crosses the line to the models.
 *
 * All this is in the chip's own time, which passes only while it is told to run. Where a model has to
 * answer, the chip waits, and no time passes for it meanwhile.
 */

import { HAD_POR, HAD_RUN } from "./blocks.js";
import { BusPins, connectBlock } from "./i2c_lines.js";
import { Content } from "./link.js";
import { Machine } from "./machine.js";
import { Pins } from "./pins.js";
import { RemoteBus } from "./remote_bus.js";
import { UsbHost } from "./usb_host.js";
import { UsbKeyboard } from "./usb_keyboard.js";
import { UsbSerial } from "./usb_serial.js";

const SRAM_START = 0x20000000;
const NOTHING = new Uint8Array(0);
const DESCRIBED = 0; // what a keyboard does
const REPORTED = 1;
const FOUND = 2; // any device, with its descriptors

/**
 * @typedef {{i2c: number, scl: number, sda: number}} Wiring
 * @typedef {{endNs: number, durationNs: number, value: number, sure: boolean}} Answer
 */

export class Chip {
  /**
   * @param {import("./link.js").Link} link
   * @param {(kind: string, content: Buffer) => void} onRequest takes what comes before an answer
   * @param {Wiring} wiring
   * @param {Uint8Array} uniqueId
   * @param {Uint32Array} bootrom
   * @param {Uint8Array} flash
   */
  constructor(link, onRequest, wiring, uniqueId, bootrom, flash) {
    this.link = link;
    this.onRequest = onRequest;
    this.wiring = wiring;
    this.uniqueId = uniqueId;
    this.bootrom = bootrom;
    this.pins = new Pins();
    this.bus = new RemoteBus(this);
    /** Of the lives before this one. */
    this.pastNs = 0;
    this.pastDeepNs = 0;
    this.endNs = 0;
    this.bitten = false;
    this.state = new Content(17);
    /** @type {import("./usb_host.js").Computer} */
    this.computer = { attached: true, polls: true };
    this.serial = this.newSerial();
    this.keyboard = this.newKeyboard();
    this.machine = this.newMachine({ cause: HAD_POR, flash, sram: null, watchdog: null });
    this.host = this.newHost();
  }

  /** Nanoseconds since power-up. */
  get nowNs() {
    return this.pastNs + this.machine.clock.nanos;
  }

  /** Let it run until then, or until it sleeps; tells when it has.
   *  @param {number} endNs
   *  @param {boolean} stopAtSleep */
  run(endNs, stopAtSleep) {
    this.endNs = endNs;
    this.machine.run(endNs - this.pastNs, stopAtSleep);
    while (this.bitten) {
      this.restart(true);
      this.machine.run(this.endNs - this.pastNs, stopAtSleep);
    }
    this.tellState();
  }

  /** Let time pass while it stands still. @param {number} durationNs */
  jump(durationNs) {
    this.machine.jump(durationNs);
    this.tellState();
  }

  /** Restart it. The watchdog, which machine.reset() uses too, remembers the cause.
   *  @param {boolean} byWatchdog */
  restart(byWatchdog) {
    const { mcu, watchdog, chipReset } = this.machine;
    this.pastNs = this.nowNs;
    this.pastDeepNs += this.machine.deepNs;
    this.bitten = false;
    this.bus.reset();
    this.serial = this.newSerial();
    this.keyboard = this.newKeyboard();
    this.machine = this.newMachine({
      cause: byWatchdog ? chipReset.cause : HAD_RUN,
      flash: mcu.flash,
      sram: mcu.sram,
      watchdog: byWatchdog ? { reason: watchdog.reason, scratch: watchdog.scratchData } : null,
    });
    this.host = this.newHost();
    if (byWatchdog) {
      this.tell("R");
    }
  }

  /** What becomes of the computer at the USB cable.
   *  @param {boolean} attached
   *  @param {boolean} polls
   *  @param {number | null} lights of a keyboard to set */
  setComputer(attached, polls, lights) {
    const { computer, host } = this;
    const was = computer.attached;
    computer.attached = attached;
    computer.polls = polls;
    if (attached && !was) {
      host.reset();
    } else if (!attached && was) {
      host.detach();
    }
    this.keyboard.set(lights);
  }

  /** Show so much of the SRAM.
   *  @param {number} address
   *  @param {number} length */
  showMemory(address, length) {
    const from = address - SRAM_START;
    this.tell("M", this.machine.mcu.sram.subarray(from, from + length));
  }

  // --- what happens on the chip -------------------------------------------------------------

  /** @param {{cause: number, flash: Uint8Array, sram: Uint8Array | null,
   *     watchdog: {reason: number, scratch: Uint32Array} | null}} before */
  newMachine(before) {
    const machine = new Machine({
      ...before,
      bootrom: this.bootrom,
      uniqueId: this.uniqueId,
      onErase: (address, size) =>
        this.flashOperation("E", new Content(8).u32(address).u32(size).bytes),
      onProgram: (address, data) =>
        this.flashOperation("W", new Content(4 + data.length).u32(address).raw(data).bytes),
      onFed: () => this.isFed(),
      onBite: () => this.isBitten(),
    });
    const { mcu } = machine;
    this.pins.attach(mcu);
    const { i2c, scl, sda } = this.wiring;
    connectBlock(mcu, mcu.i2c[i2c], this.bus, (durationNs) => this.bus.isBusy(durationNs));
    new BusPins(this.pins, scl, sda, this.bus);
    return machine;
  }

  newHost() {
    /** @type {import("./usb_host.js").Driver} */
    const witness = { claim: (_, host) => void this.keyboardDoes(FOUND, host.descriptors) };
    return new UsbHost(this.machine.mcu, [witness, this.serial, this.keyboard], this.computer);
  }

  newSerial() {
    return new UsbSerial(
      (data) => this.tell("U", data),
      () => this.tell("C"),
    );
  }

  newKeyboard() {
    return new UsbKeyboard(
      (descriptor) => this.keyboardDoes(DESCRIBED, descriptor),
      (report) => this.keyboardDoes(REPORTED, report),
    );
  }

  /** The computer answers the lights to set, if any.
   *  @param {number} what
   *  @param {Uint8Array} data
   *  @returns {number | null} */
  keyboardDoes(what, data) {
    const { value, sure } = this.ask("H", new Content(1 + data.length).u8(what).raw(data).bytes);
    return sure ? value : null;
  }

  /** The model answers how long it takes, which passes then.
   *  @param {string} kind
   *  @param {Uint8Array} content */
  flashOperation(kind, content) {
    const { durationNs } = this.ask(kind, content);
    this.machine.clock.passTo(this.machine.clock.nanos + durationNs);
  }

  isFed() {
    this.tell("F");
  }

  isBitten() {
    this.bitten = true;
    this.machine.stop();
  }

  // --- the line -----------------------------------------------------------------------------

  tellState() {
    const { asleep, clock, deepNs } = this.machine;
    const state = this.state.restart().f64(this.pastNs + clock.nextNs).u8(asleep ? 1 : 0);
    this.tell("S", state.f64(this.pastDeepNs + deepNs).bytes);
  }

  /** Tell what happened now.
   *  @param {string} kind
   *  @param {Uint8Array} content */
  tell(kind, content = NOTHING) {
    this.link.send(kind, this.nowNs, content);
  }

  /** The same, and wait for an answer; it may make the present run end sooner.
   *  @param {string} kind
   *  @param {Uint8Array} content
   *  @returns {Answer} */
  ask(kind, content) {
    this.tell(kind, content);
    for (;;) {
      const frame = this.link.receive();
      if (frame.kind !== "A") {
        this.onRequest(frame.kind, frame.content);
        continue;
      }
      const answer = {
        endNs: frame.content.readDoubleLE(0),
        durationNs: frame.content.readDoubleLE(8),
        value: frame.content[16],
        sure: frame.content[17] === 1,
      };
      this.endNs = Math.min(this.endNs, answer.endNs);
      this.machine.clock.endAt(Math.min(this.machine.clock.end, this.endNs - this.pastNs));
      return answer;
    }
  }
}
