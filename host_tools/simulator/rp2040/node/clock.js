/**
 * The chip's time, and what is due at which moment of it.
 *
 * Takes the place of the emulator's own clock, which is asked to look for alarms after every single
 * instruction: this one says beforehand until when nothing happens (`horizon`).
 */

/** An event that has, or has not, a moment at which it happens. */
class Alarm {
  /**
   * @param {Clock} clock
   * @param {() => void} callback
   */
  constructor(clock, callback) {
    this.clock = clock;
    this.callback = callback;
    this.ns = 0;
    this.scheduled = false;
  }

  /** @param {number} delayNs from now on; replaces what was scheduled before */
  schedule(delayNs) {
    this.cancel();
    this.ns = this.clock.nanos + delayNs;
    this.scheduled = true;
    this.clock.insert(this);
  }

  cancel() {
    if (this.scheduled) {
      this.scheduled = false;
      this.clock.remove(this);
    }
  }
}

export class Clock {
  constructor() {
    /** Nanoseconds since the chip left its reset; whoever executes instructions adds theirs. */
    this.nanos = 0;
    /** Until then there is nothing to do but to execute instructions. */
    this.horizon = 0;
    /** Where the present run ends. */
    this.end = 0;
    /** @type {Alarm[]} the next one first */
    this.alarms = [];
  }

  /** @param {() => void} callback */
  createAlarm(callback) {
    return new Alarm(this, callback);
  }

  /** @param {number} ns the present run ends then */
  endAt(ns) {
    this.end = ns;
    this.look();
  }

  /** Let time pass until `ns`; what is due meanwhile happens at its moment.
   *  @param {number} ns */
  passTo(ns) {
    while (this.alarms.length > 0 && this.alarms[0].ns <= ns) {
      const alarm = /** @type {Alarm} */ (this.alarms.shift());
      alarm.scheduled = false;
      this.nanos = Math.max(this.nanos, alarm.ns);
      alarm.callback();
    }
    this.nanos = Math.max(this.nanos, ns);
    this.look();
  }

  /** When the next alarm rings, or Infinity. */
  get nextNs() {
    return this.alarms.length > 0 ? this.alarms[0].ns : Infinity;
  }

  /** @param {Alarm} alarm */
  insert(alarm) {
    const { alarms } = this;
    let at = alarms.length;
    while (at > 0 && alarms[at - 1].ns >= alarm.ns) {
      at -= 1;
    }
    alarms.splice(at, 0, alarm);
    this.look();
  }

  /** @param {Alarm} alarm */
  remove(alarm) {
    this.alarms.splice(this.alarms.indexOf(alarm), 1);
    this.look();
  }

  look() {
    this.horizon = Math.min(this.end, this.nextNs);
  }
}
