/**
 * The processor's most frequent instructions, for speed.
 *
 * The emulator finds out what an instruction is by up to eighty comparisons, and who is at an address by
 * some more. Here are those that make up nine tenths of what firmware does, on SRAM and flash alone;
 * everything else is left to the emulator. Results and cycles are the emulator's, but for one cycle of
 * PUSH and POP: a test runs both side by side.
 */

const FLASH = 0x10;
const SRAM = 0x20;
const IN_REGION = 0xffffff;
const SP = 13;
const LR = 14;
const PC = 15;

/**
 * A function that executes one instruction and answers its cycles.
 * @param {import("rp2040js").RP2040} mcu
 */
export function quickCore(mcu) {
  const { core, bootrom, sram, flash } = mcu;
  const { registers } = core;
  const sramSize = sram.length;
  const sram16 = new Uint16Array(sram.buffer);
  const sram32 = new Uint32Array(sram.buffer);
  const flash16 = new Uint16Array(flash.buffer);
  const flash32 = new Uint32Array(flash.buffer);
  const bootrom16 = new Uint16Array(bootrom.buffer);

  /** @param {number} cycles */
  function took(cycles) {
    core.cycles += cycles;
    return cycles;
  }

  /** @param {number} address */
  function inSram(address) {
    return address >>> 24 === SRAM && (address & IN_REGION) < sramSize;
  }

  /** @param {number} result */
  function setNZ(result) {
    core.N = (result & 0x80000000) !== 0;
    core.Z = (result | 0) === 0;
  }

  /**
   * @param {number} a
   * @param {number} b
   */
  function add(a, b) {
    const sum = a + b;
    setNZ(sum);
    core.C = sum > 0xffffffff;
    core.V = (~(a ^ b) & (a ^ sum) & 0x80000000) !== 0;
    return sum;
  }

  /**
   * @param {number} a
   * @param {number} b
   */
  function subtract(a, b) {
    const difference = a - b;
    setNZ(difference);
    core.C = a >= b;
    core.V = ((a ^ b) & (a ^ difference) & 0x80000000) !== 0;
    return difference;
  }

  /** @param {number} condition */
  function holds(condition) {
    switch (condition) {
      case 0:
        return core.Z;
      case 1:
        return !core.Z;
      case 2:
        return core.C;
      case 3:
        return !core.C;
      case 4:
        return core.N;
      case 5:
        return !core.N;
      case 6:
        return core.V;
      case 7:
        return !core.V;
      case 8:
        return core.C && !core.Z;
      case 9:
        return !core.C || core.Z;
      case 10:
        return core.N === core.V;
      case 11:
        return core.N !== core.V;
      case 12:
        return core.N === core.V && !core.Z;
      default:
        return core.N !== core.V || core.Z;
    }
  }

  /**
   * LDR.
   * @param {number} rt
   * @param {number} address
   * @param {number} pc of the next instruction
   */
  function load(rt, address, pc) {
    if ((address & 3) !== 0) {
      return core.executeInstruction();
    }
    if (inSram(address)) {
      registers[rt] = sram32[(address & IN_REGION) >>> 2];
    } else if (address >>> 24 === FLASH) {
      registers[rt] = flash32[(address & IN_REGION) >>> 2];
    } else {
      return core.executeInstruction();
    }
    registers[PC] = pc;
    return took(2);
  }

  /**
   * STR.
   * @param {number} rt
   * @param {number} address
   * @param {number} pc of the next instruction
   */
  function store(rt, address, pc) {
    if ((address & 3) !== 0 || !inSram(address)) {
      return core.executeInstruction();
    }
    sram32[(address & IN_REGION) >>> 2] = registers[rt];
    registers[PC] = pc;
    return took(2);
  }

  /**
   * LDRB.
   * @param {number} rt
   * @param {number} address
   * @param {number} pc of the next instruction
   */
  function loadByte(rt, address, pc) {
    if (inSram(address)) {
      registers[rt] = sram[address & IN_REGION];
    } else if (address >>> 24 === FLASH) {
      registers[rt] = flash[address & IN_REGION];
    } else {
      return core.executeInstruction();
    }
    registers[PC] = pc;
    return took(2);
  }

  /**
   * STRB.
   * @param {number} rt
   * @param {number} address
   * @param {number} pc of the next instruction
   */
  function storeByte(rt, address, pc) {
    if (!inSram(address)) {
      return core.executeInstruction();
    }
    sram[address & IN_REGION] = registers[rt];
    registers[PC] = pc;
    return took(2);
  }

  /**
   * LDRH.
   * @param {number} rt
   * @param {number} address
   * @param {number} pc of the next instruction
   */
  function loadHalf(rt, address, pc) {
    if ((address & 1) !== 0) {
      return core.executeInstruction();
    }
    if (inSram(address)) {
      registers[rt] = sram16[(address & IN_REGION) >>> 1];
    } else if (address >>> 24 === FLASH) {
      registers[rt] = flash16[(address & IN_REGION) >>> 1];
    } else {
      return core.executeInstruction();
    }
    registers[PC] = pc;
    return took(2);
  }

  /**
   * Loads and stores whose address is the sum of two registers.
   * @param {number} opcode
   * @param {number} rt
   * @param {number} address
   * @param {number} pc of the next instruction
   */
  function indexed(opcode, rt, address, pc) {
    switch (opcode >>> 9) {
      case 0b0101000:
        return store(rt, address, pc);
      case 0b0101010:
        return storeByte(rt, address, pc);
      case 0b0101100:
        return load(rt, address, pc);
      case 0b0101101:
        return loadHalf(rt, address, pc);
      case 0b0101110:
        return loadByte(rt, address, pc);
      default:
        return core.executeInstruction();
    }
  }

  /**
   * Logic and comparisons of two registers; the rest of 010000 is rare.
   * @param {number} opcode
   * @param {number} pc of the next instruction
   */
  function logic(opcode, pc) {
    const rm = registers[(opcode >>> 3) & 7];
    const rdn = opcode & 7;
    switch (opcode >>> 6) {
      case 0b0100000000:
        setNZ((registers[rdn] = registers[rdn] & rm));
        break;
      case 0b0100000001:
        setNZ((registers[rdn] = registers[rdn] ^ rm));
        break;
      case 0b0100001000:
        setNZ(registers[rdn] & rm);
        break;
      case 0b0100001010:
        subtract(registers[rdn], rm);
        break;
      case 0b0100001100:
        setNZ((registers[rdn] = registers[rdn] | rm));
        break;
      case 0b0100001110:
        setNZ((registers[rdn] = registers[rdn] & ~rm));
        break;
      case 0b0100001111:
        setNZ((registers[rdn] = ~rm));
        break;
      case 0b0100011000: // MOV, to a low register or a high one
      case 0b0100011001:
      case 0b0100011010:
      case 0b0100011011: {
        const from = (opcode >>> 3) & 15;
        const to = ((opcode >>> 4) & 8) | rdn;
        if (from === PC || to >= SP) {
          return core.executeInstruction();
        }
        registers[to] = registers[from];
        break;
      }
      default:
        return core.executeInstruction();
    }
    registers[PC] = pc;
    return took(1);
  }

  /**
   * PUSH and POP take a cycle for each register, LR and PC included (Cortex-M0+ Technical Reference
   * Manual, 3.3: 1+N, and 3+N for a POP that returns). The emulator counts none for LR and PC.
   * @param {number} opcode
   * @param {number} pc of the next instruction
   */
  function stack(opcode, pc) {
    const pushes = opcode >>> 9 === 0b1011010;
    if (!pushes && opcode >>> 9 !== 0b1011110) {
      return core.executeInstruction();
    }
    if ((opcode & 0x100) === 0) {
      return moveLowRegisters(opcode, pc, pushes);
    }
    const cycles = pushes ? moveLowRegisters(opcode, pc, true) : core.executeInstruction();
    return cycles + took(1);
  }

  /**
   * PUSH, with LR or without, and POP without PC.
   * @param {number} opcode
   * @param {number} pc of the next instruction
   * @param {boolean} pushes
   */
  function moveLowRegisters(opcode, pc, pushes) {
    let count = 0;
    for (let bits = opcode & 0x1ff; bits !== 0; bits &= bits - 1) {
      count += 1;
    }
    const low = pushes ? registers[SP] - 4 * count : registers[SP];
    if ((low & 3) !== 0 || !inSram(low) || !inSram(low + 4 * count)) {
      return core.executeInstruction();
    }
    let at = (low & IN_REGION) >>> 2;
    let cycles = 1;
    for (let number = 0; number < 8; number += 1) {
      if (opcode & (1 << number)) {
        if (pushes) {
          sram32[at] = registers[number];
        } else {
          registers[number] = sram32[at];
        }
        at += 1;
        cycles += 1;
      }
    }
    if (pushes && opcode & 0x100) {
      sram32[at] = registers[LR];
    }
    registers[SP] = pushes ? low : low + 4 * count;
    registers[PC] = pc;
    return took(cycles);
  }

  /**
   * BL; other instructions of two halves are rare.
   * @param {number} opcode
   * @param {number} second
   * @param {number} pc of the second half
   */
  function call(opcode, second, pc) {
    if (second >>> 14 !== 0b11 || (second & 0x1000) === 0) {
      return core.executeInstruction();
    }
    const sign = (opcode >>> 10) & 1;
    const i1 = 1 - (sign ^ ((second >>> 13) & 1));
    const i2 = 1 - (sign ^ ((second >>> 11) & 1));
    const distance =
      ((sign ? 0xff : 0) << 24) |
      (i1 << 23) | (i2 << 22) | ((opcode & 0x3ff) << 12) | ((second & 0x7ff) << 1);
    registers[LR] = (pc + 2) | 1;
    registers[PC] = pc + 2 + distance;
    return took(3);
  }

  /** @param {number} address of an instruction, in flash, SRAM or boot ROM; -1 for others */
  function fetch(address) {
    if (address >>> 24 === FLASH) {
      return flash16[(address & IN_REGION) >>> 1];
    }
    if (inSram(address)) {
      return sram16[(address & IN_REGION) >>> 1];
    }
    return address < bootrom.byteLength ? bootrom16[address >>> 1] : -1;
  }

  return function step() {
    if (core.interruptsUpdated && core.checkForInterrupts()) {
      core.waiting = false;
    }
    const here = registers[PC];
    const opcode = fetch(here);
    if (opcode < 0) {
      return core.executeInstruction();
    }
    const pc = here + 2;
    const low = opcode & 7;
    const middle = (opcode >>> 3) & 7;
    const high = (opcode >>> 8) & 7;
    const byte = opcode & 0xff;
    const five = (opcode >>> 6) & 0x1f;
    switch (opcode >>> 11) {
      case 0b00000: {
        const value = registers[middle];
        if (five > 0) {
          core.C = (value & (1 << (32 - five))) !== 0;
        }
        setNZ((registers[low] = value << five));
        break;
      }
      case 0b00001: {
        const value = registers[middle];
        core.C = (value & (1 << (five === 0 ? 31 : five - 1))) !== 0;
        setNZ((registers[low] = five === 0 ? 0 : value >>> five));
        break;
      }
      case 0b00010: {
        const value = registers[middle];
        core.C = (value & (1 << (five === 0 ? 31 : five - 1))) !== 0;
        setNZ((registers[low] = (value | 0) >> (five === 0 ? 31 : five)));
        break;
      }
      case 0b00011: {
        const second = opcode & 0x400 ? five & 7 : registers[five & 7];
        const value = registers[middle];
        registers[low] = opcode & 0x200 ? subtract(value, second) : add(value, second);
        break;
      }
      case 0b00100:
        registers[high] = byte;
        core.N = false;
        core.Z = byte === 0;
        break;
      case 0b00101:
        subtract(registers[high], byte);
        break;
      case 0b00110:
        registers[high] = add(registers[high], byte);
        break;
      case 0b00111:
        registers[high] = subtract(registers[high], byte);
        break;
      case 0b01000:
        return logic(opcode, pc);
      case 0b01001:
        return load(high, ((here + 4) & ~3) + byte * 4, pc);
      case 0b01010:
      case 0b01011:
        return indexed(opcode, low, registers[middle] + registers[five & 7], pc);
      case 0b01100:
        return store(low, registers[middle] + five * 4, pc);
      case 0b01101:
        return load(low, registers[middle] + five * 4, pc);
      case 0b01110:
        return storeByte(low, registers[middle] + five, pc);
      case 0b01111:
        return loadByte(low, registers[middle] + five, pc);
      case 0b10001:
        return loadHalf(low, registers[middle] + five * 2, pc);
      case 0b10010:
        return store(high, registers[SP] + byte * 4, pc);
      case 0b10011:
        return load(high, registers[SP] + byte * 4, pc);
      case 0b10110:
      case 0b10111:
        return stack(opcode, pc);
      case 0b11010:
      case 0b11011:
        if ((opcode & 0xe00) === 0xe00) {
          return core.executeInstruction(); // SVC, UDF
        }
        if (holds((opcode >>> 8) & 15)) {
          registers[PC] = pc + 2 + ((byte << 24) >> 23);
          return took(2);
        }
        break;
      case 0b11100:
        registers[PC] = pc + 2 + ((opcode << 21) >> 20);
        return took(2);
      case 0b11110:
        return call(opcode, fetch(pc), pc);
      default:
        return core.executeInstruction();
    }
    registers[PC] = pc;
    return took(1);
  };
}
