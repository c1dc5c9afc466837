/**
 * The computer at the other end of the chip's USB cable: finds the device, gives it an address, and
 * hands each function of it to the driver that knows it.
 *
 * A driver is an object with `claim(interfaces, host)`: it looks through all interfaces of the
 * configuration and answers what it does with those that it knows. `host.control(...)` queues
 * requests to endpoint 0, `host.listen(...)` takes what comes in from an endpoint, and
 * `host.sender(...)` sends to one. If it has `gone()`, that is called when the device is lost.
 */

import { createSetupPacket, DataDirection, SetupRecipient, SetupRequest, SetupType } from "./rp2040js.js";

// Universal Serial Bus Specification 2.0, table 9-5
const DEVICE = 1;
const CONFIGURATION = 2;
const INTERFACE = 4;
const ENDPOINT = 5;
const DEVICE_SIZE = 18;
const CONFIGURATION_SIZE = 9;
const OUR_ADDRESS = 1;
const PACKET_SIZE = 64; // of endpoint 0
const FRAME_NS = 1_000_000;
// RP2040 data sheet, 4.1.2.7: where the buffer control of the first IN endpoint is, and its STALL bit
const BUFFER_CONTROL = 0x80;
const STALL = 1 << 11;

/**
 * @typedef {{number: number, isIn: boolean, type: "control" | "isochronous" | "bulk" | "interrupt",
 *     packetSize: number, intervalMs: number}} Endpoint
 * @typedef {{number: number, class: number, subclass: number, protocol: number,
 *     endpoints: Endpoint[]}} Interface
 * @typedef {{claim: (interfaces: Interface[], host: UsbHost) => void, gone?: () => void}} Driver
 * @typedef {{attached: boolean, polls: boolean}} Computer whether the data lines are connected, and
 *     whether it asks interrupt endpoints; outlives a reset of the chip
 * @typedef {ReturnType<import("rp2040js").RP2040["clock"]["createAlarm"]>} Alarm
 * @typedef {{data: Uint8Array | null, alarm: Alarm, periodNs: number}} Polled
 * @typedef {{setup: Uint8Array, isIn: boolean, length: number, data: Uint8Array, sent: number,
 *     received: number[], then: (received: Uint8Array) => void}} Transfer
 */

const TYPES = /** @type {const} */ (["control", "isochronous", "bulk", "interrupt"]);

/** The interfaces in a configuration descriptor, with their endpoints; alternates are left out.
 *  @param {Uint8Array} descriptors */
export function interfacesIn(descriptors) {
  /** @type {Interface[]} */
  const interfaces = [];
  /** @type {Interface | null} */
  let current = null;
  for (let at = 0; at + 1 < descriptors.length && descriptors[at] >= 2; at += descriptors[at]) {
    const one = descriptors.subarray(at, at + descriptors[at]);
    if (one[1] === INTERFACE) {
      const found = { number: one[2], class: one[5], subclass: one[6], protocol: one[7] };
      current = one[3] === 0 ? { ...found, endpoints: [] } : null;
      if (current) {
        interfaces.push(current);
      }
    } else if (one[1] === ENDPOINT && current) {
      current.endpoints.push({
        number: one[2] & 0xf,
        isIn: (one[2] & 0x80) !== 0,
        type: TYPES[one[3] & 3],
        packetSize: one[4] | ((one[5] & 7) << 8),
        intervalMs: one[6],
      });
    }
  }
  return interfaces;
}

/** Sends to one endpoint, as fast as the device takes it. */
class Sender {
  /**
   * @param {import("rp2040js").RPUSBController} usb
   * @param {number} endpoint
   */
  constructor(usb, endpoint) {
    this.usb = usb;
    this.endpoint = endpoint;
    /** @type {Uint8Array} */
    this.waiting = new Uint8Array(0);
    /** @type {number[]} sizes of the device's buffers that wait for data */
    this.armed = [];
  }

  /** @param {Uint8Array} data */
  send(data) {
    const all = new Uint8Array(this.waiting.length + data.length);
    all.set(this.waiting);
    all.set(data, this.waiting.length);
    this.waiting = all;
    this.deliver();
  }

  /** The device has a buffer free. @param {number} size */
  arm(size) {
    this.armed.push(size);
    this.deliver();
  }

  deliver() {
    while (this.armed.length > 0 && this.waiting.length > 0) {
      const size = /** @type {number} */ (this.armed.shift());
      this.usb.endpointReadDone(this.endpoint, this.waiting.slice(0, size));
      this.waiting = this.waiting.slice(size);
    }
  }
}

export class UsbHost {
  /**
   * @param {import("rp2040js").RP2040} mcu
   * @param {Driver[]} drivers
   * @param {Computer} computer
   */
  constructor(mcu, drivers, computer) {
    this.mcu = mcu;
    this.usb = mcu.usbCtrl;
    this.drivers = drivers;
    this.computer = computer;
    this.enabled = false;
    /** The device's and its configuration's. @type {Uint8Array} */
    this.descriptors = new Uint8Array(0);
    /** @type {Transfer[]} the first one is under way */
    this.transfers = [];
    /** @type {Map<number, (data: Uint8Array) => void>} */
    this.listeners = new Map();
    /** @type {Map<number, Sender>} */
    this.senders = new Map();
    /** @type {Map<number, Polled>} endpoints of the device that the host asks only once in a while */
    this.polled = new Map();
    this.usb.onUSBEnabled = () => {
      this.enabled = true;
      this.reset();
    };
    this.usb.onResetReceived = () => this.enumerate();
    this.usb.onEndpointWrite = (endpoint, data) => this.deviceSends(endpoint, data);
    this.usb.onEndpointRead = (endpoint, size) => this.deviceWaits(endpoint, size);
    const usb = /** @type {any} */ (this.usb);
    /** Tell the device that a transfer is done. @type {(endpoint: number, out: boolean) => void} */
    this.indicate = usb.indicateBufferReady.bind(usb);
    this.watchPolledEndpoints(usb);
  }

  /** Reset the bus, if the device is there: then the host gets to know it anew. */
  reset() {
    if (this.enabled && this.computer.attached) {
      this.usb.resetDevice();
    }
  }

  /** The data lines are cut: nothing is asked and nothing is taken until the next reset. */
  detach() {
    this.forget();
    this.drivers.forEach((driver) => driver.gone?.());
  }

  /**
   * Queue a request with data to the device, or none.
   * @param {number} type SetupType
   * @param {number} recipient SetupRecipient
   * @param {number} request
   * @param {number} value
   * @param {number} index
   * @param {Uint8Array} data
   * @param {() => void} then when the device has acknowledged it
   */
  control(type, recipient, request, value, index, data = new Uint8Array(0), then = () => {}) {
    this.queue(DataDirection.HostToDevice, type, recipient, request, value, index, data, data.length, then);
  }

  /**
   * Queue a request for a descriptor.
   * @param {number} type
   * @param {number} length
   * @param {(descriptor: Uint8Array) => void} then
   */
  getDescriptor(type, length, then) {
    this.askDescriptor(SetupRecipient.Device, 0, type, length, then);
  }

  /**
   * The same for a descriptor of an interface.
   * @param {number} number of the interface
   * @param {number} type
   * @param {number} length
   * @param {(descriptor: Uint8Array) => void} then
   */
  getInterfaceDescriptor(number, type, length, then) {
    this.askDescriptor(SetupRecipient.Interface, number, type, length, then);
  }

  /**
   * @param {number} recipient
   * @param {number} index
   * @param {number} type
   * @param {number} length
   * @param {(descriptor: Uint8Array) => void} then
   */
  askDescriptor(recipient, index, type, length, then) {
    this.queue(
      DataDirection.DeviceToHost, SetupType.Standard, recipient,
      SetupRequest.GetDescriptor, type << 8, index, new Uint8Array(0), length, then,
    );
  }

  /**
   * Take what comes from an endpoint of the device.
   * @param {Endpoint} endpoint
   * @param {(data: Uint8Array) => void} listener
   */
  listen(endpoint, listener) {
    this.listeners.set(endpoint.number, listener);
    if (endpoint.type === "interrupt") {
      this.poll(endpoint);
    }
  }

  /** Send to an endpoint of the device. @param {Endpoint} endpoint */
  sender(endpoint) {
    return this.senderTo(endpoint.number);
  }

  /** @param {number} number of the endpoint, which may wait for data before a driver knows it */
  senderTo(number) {
    let sender = this.senders.get(number);
    if (!sender) {
      sender = new Sender(this.usb, number);
      this.senders.set(number, sender);
    }
    return sender;
  }

  forget() {
    this.transfers = [];
    this.listeners.clear();
    this.senders.clear();
    this.polled.forEach(({ alarm }) => alarm.cancel());
    this.polled.clear();
  }

  enumerate() {
    this.detach();
    this.control(
      SetupType.Standard, SetupRecipient.Device, SetupRequest.SetAddress, OUR_ADDRESS, 0,
    );
    this.getDescriptor(DEVICE, DEVICE_SIZE, (device) => {
      this.getDescriptor(CONFIGURATION, CONFIGURATION_SIZE, (head) => {
        this.getDescriptor(CONFIGURATION, head[2] | (head[3] << 8), (all) => {
          this.descriptors = Uint8Array.of(...device, ...all);
          this.configure(all);
        });
      });
    });
  }

  /** @param {Uint8Array} descriptors */
  configure(descriptors) {
    const interfaces = interfacesIn(descriptors);
    const configuration = descriptors[5];
    this.control(
      SetupType.Standard, SetupRecipient.Device, SetupRequest.SetDeviceConfiguration,
      configuration, 0, undefined,
      () => {
        for (const driver of this.drivers) {
          driver.claim(interfaces, this);
        }
      },
    );
  }

  // --- endpoint 0 ---------------------------------------------------------------------------

  /**
   * @param {number} dataDirection
   * @param {number} type
   * @param {number} recipient
   * @param {number} bRequest
   * @param {number} wValue
   * @param {number} wIndex
   * @param {Uint8Array} data
   * @param {number} length
   * @param {(received: Uint8Array) => void} then
   */
  queue(dataDirection, type, recipient, bRequest, wValue, wIndex, data, length, then) {
    const setup = createSetupPacket({
      dataDirection, type, recipient, bRequest, wValue, wIndex, wLength: length,
    });
    const isIn = dataDirection === DataDirection.DeviceToHost;
    this.transfers.push({ setup, isIn, length, data, sent: 0, received: [], then });
    if (this.transfers.length === 1) {
      this.usb.sendSetupPacket(setup);
    }
  }

  /** @param {Uint8Array} data */
  controlData(data) {
    const transfer = this.transfers[0];
    if (!transfer) {
      return;
    }
    if (!transfer.isIn) {
      // An empty packet: the device has done it.
      this.finish(transfer);
      return;
    }
    transfer.received.push(...data);
    if (transfer.received.length >= transfer.length || data.length < PACKET_SIZE) {
      this.finish(transfer);
    }
  }

  /** @param {number} size */
  controlWaits(size) {
    const transfer = this.transfers[0];
    if (transfer && !transfer.isIn && transfer.sent < transfer.length) {
      const packet = transfer.data.slice(transfer.sent, transfer.sent + Math.min(size, PACKET_SIZE));
      transfer.sent += packet.length;
      this.usb.endpointReadDone(0, packet);
    }
  }

  /** @param {Transfer} transfer */
  finish(transfer) {
    this.transfers.shift();
    if (this.transfers.length > 0) {
      this.usb.sendSetupPacket(this.transfers[0].setup);
    }
    transfer.then(Uint8Array.from(transfer.received));
  }

  // --- the device's side of each transfer ---------------------------------------------------

  /**
   * @param {number} endpoint
   * @param {Uint8Array} data
   */
  deviceSends(endpoint, data) {
    const polled = this.polled.get(endpoint);
    if (polled) {
      polled.data = data;
      this.askLater(polled);
    } else if (endpoint === 0) {
      this.controlData(data);
    } else {
      this.listeners.get(endpoint)?.(data);
    }
  }

  /** A real host stays silent until it has data. The emulator's answers at once, with nothing if need
   *  be, so that the firmware's USB stack is never idle.
   *  @param {number} endpoint
   *  @param {number} size */
  deviceWaits(endpoint, size) {
    if (endpoint === 0) {
      this.controlWaits(size);
    } else {
      this.senderTo(endpoint).arm(size);
    }
  }

  /**
   * Ask the endpoint at its interval.
   * @param {Endpoint} endpoint
   */
  poll(endpoint) {
    const { number, intervalMs } = endpoint;
    /** @type {Polled} */
    const polled = {
      data: null,
      alarm: this.mcu.clock.createAlarm(() => this.ask(number, polled)),
      periodNs: Math.max(1, intervalMs) * FRAME_NS,
    };
    this.polled.set(number, polled);
  }

  /** @param {Polled} polled */
  askLater({ alarm, periodNs }) {
    alarm.schedule(periodNs - (this.mcu.clock.nanos % periodNs));
  }

  /**
   * @param {number} number of the endpoint
   * @param {Polled} polled
   */
  ask(number, polled) {
    const { data } = polled;
    if (data === null) {
      return;
    }
    if (!this.computer.polls) {
      this.askLater(polled);
      return;
    }
    // As it is now: the firmware may have overwritten it since it gave it away.
    const from = /** @type {any} */ (this.usb).getEndpointBufferOffset(number, false);
    const now = this.mcu.usbDPRAM.slice(from, from + data.length);
    polled.data = null;
    this.listeners.get(number)?.(now);
    this.indicate(number, false);
  }

  /** For the emulator, whatever is sent has arrived at once, and what a device takes back (it stalls the
   *  endpoint) was sent. A polled endpoint keeps its data until it is asked.
   *  @param {any} usb */
  watchPolledEndpoints(usb) {
    usb.indicateBufferReady = (/** @type {number} */ number, /** @type {boolean} */ out) => {
      if (out || !this.polled.has(number)) {
        this.indicate(number, out);
      }
    };
    const updated = usb.DPRAMUpdated.bind(usb);
    usb.DPRAMUpdated = (/** @type {number} */ offset, /** @type {number} */ value) => {
      const polled = this.polled.get((offset - BUFFER_CONTROL) >> 3);
      if (polled && (offset & 4) === 0 && (value & STALL) !== 0) {
        polled.data = null;
      }
      updated(offset, value);
    };
  }
}
