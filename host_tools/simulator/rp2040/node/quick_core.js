/**
 * The processor's frequent instructions, for speed.
 *
 * The emulator finds out what an instruction is by up to eighty comparisons, and who is at an address by
 * some more, and it keeps flags, counters and time in objects. Here are nearly all instructions of 16
 * bits, and BL, on SRAM, flash and boot ROM alone, in one loop that keeps what it needs in variables of
 * its own, for as long as nothing else can happen. Everything else is left to the emulator: other
 * addresses, special registers, sleep, exceptions. Results and cycles are the emulator's, but for one
 * cycle of PUSH and POP: a test runs both side by side.
 */

const BOOT_ROM = 0x00;
const FLASH = 0x10;
const SRAM = 0x20;
const REGION_SHIFT = 24;
const IN_REGION = 0xffffff;
// An address is that of a word, or of a half, in SRAM or flash, if it is this under this mask.
const WORD = 0xff000003 | 0;
const HALF = 0xff000001 | 0;
const BYTE = 0xff000000 | 0;
const IN_SRAM = SRAM << REGION_SHIFT;
const IN_FLASH = FLASH << REGION_SHIFT;
const SP = 13;
const LR = 14;
const PC = 15;

/** How many registers a PUSH, POP, LDM or STM names. @type {Uint8Array} */
const COUNTS = Uint8Array.from({ length: 0x100 }, (_, bits) => {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) {
    count += 1;
  }
  return count;
});

/**
 * A function that executes instructions until at least so many cycles have passed, or up to one that is
 * the emulator's; if that one comes first, it has it executed. Answers the cycles, at least one.
 * Whoever calls it sees to it that nothing else is due meanwhile.
 * @param {import("rp2040js").RP2040} mcu
 */
export function quickCore(mcu) {
  const { core, bootrom, sram, flash } = mcu;
  const r = new Int32Array(core.registers.buffer);
  const sramSize = sram.length;
  const sram16 = new Uint16Array(sram.buffer);
  const sram32 = new Int32Array(sram.buffer);
  const flash16 = new Uint16Array(flash.buffer);
  const flash32 = new Int32Array(flash.buffer);
  const bootrom16 = new Uint16Array(bootrom.buffer);

  /** The same, but it never asks the emulator, and may answer 0. @param {number} budget */
  function run(budget) {
    let cycles = 0;
    let pc = r[PC] & ~1;
    // N is set if the one is negative, Z if the other is zero: most often they are the same result.
    let forN = core.N ? -1 : 0;
    let forZ = core.Z ? 0 : 1;
    let carry = core.C;
    let overflow = core.V;
    let region = -1;
    let code = bootrom16;

    execution: while (cycles < budget) {
      if (pc >>> REGION_SHIFT !== region) {
        region = pc >>> REGION_SHIFT;
        if (region === FLASH) {
          code = flash16;
        } else if (region === SRAM) {
          code = sram16;
        } else if (region === BOOT_ROM) {
          code = bootrom16;
        } else {
          break;
        }
      }
      const here = (pc & IN_REGION) >>> 1;
      if (here >= code.length) {
        break;
      }
      const opcode = code[here];
      const low = opcode & 7;
      const middle = (opcode >>> 3) & 7;
      const high = (opcode >>> 8) & 7;
      const byte = opcode & 0xff;
      const five = (opcode >>> 6) & 0x1f;

      // What reads or writes a single value in memory, says here where, which register, and how, by
      // bits 9 to 11 of the instructions with two registers for the address.
      let address = 0;
      let register = low;
      let access = 0;

      switch (opcode >>> 11) {
        case 0b00000: { // LSL
          const value = r[middle];
          if (five > 0) {
            carry = ((value >>> (32 - five)) & 1) !== 0;
          }
          forN = forZ = r[low] = value << five;
          pc += 2;
          cycles += 1;
          continue;
        }
        case 0b00001: { // LSR
          const value = r[middle];
          carry = ((value >>> (five === 0 ? 31 : five - 1)) & 1) !== 0;
          forN = forZ = r[low] = five === 0 ? 0 : value >>> five;
          pc += 2;
          cycles += 1;
          continue;
        }
        case 0b00010: { // ASR
          const value = r[middle];
          carry = ((value >>> (five === 0 ? 31 : five - 1)) & 1) !== 0;
          forN = forZ = r[low] = value >> (five === 0 ? 31 : five);
          pc += 2;
          cycles += 1;
          continue;
        }
        case 0b00011: { // ADD, SUB of a register or three bits
          const a = r[middle];
          const b = opcode & 0x400 ? five & 7 : r[five & 7];
          if (opcode & 0x200) {
            const difference = (a - b) | 0;
            carry = a >>> 0 >= b >>> 0;
            overflow = ((a ^ b) & (a ^ difference)) < 0;
            forN = forZ = r[low] = difference;
          } else {
            const sum = (a + b) | 0;
            carry = sum >>> 0 < a >>> 0;
            overflow = ((a ^ sum) & (b ^ sum)) < 0;
            forN = forZ = r[low] = sum;
          }
          pc += 2;
          cycles += 1;
          continue;
        }
        case 0b00100: // MOV
          forN = forZ = r[high] = byte;
          pc += 2;
          cycles += 1;
          continue;
        case 0b00101: { // CMP
          const a = r[high];
          const difference = (a - byte) | 0;
          carry = a >>> 0 >= byte;
          overflow = (a & ~difference) < 0; // byte is positive
          forN = forZ = difference;
          pc += 2;
          cycles += 1;
          continue;
        }
        case 0b00110: { // ADD
          const a = r[high];
          const sum = (a + byte) | 0;
          carry = sum >>> 0 < a >>> 0;
          overflow = (~a & sum) < 0;
          forN = forZ = r[high] = sum;
          pc += 2;
          cycles += 1;
          continue;
        }
        case 0b00111: { // SUB
          const a = r[high];
          const difference = (a - byte) | 0;
          carry = a >>> 0 >= byte;
          overflow = (a & ~difference) < 0;
          forN = forZ = r[high] = difference;
          pc += 2;
          cycles += 1;
          continue;
        }

        case 0b01000: {
          if ((opcode & 0x400) === 0) { // of two low registers
            const a = r[low];
            const b = r[middle];
            switch (five & 15) {
              case 0b0000: // AND
                forN = forZ = r[low] = a & b;
                break;
              case 0b0001: // EOR
                forN = forZ = r[low] = a ^ b;
                break;
              case 0b0010: { // LSL; the emulator has those by 0 and by more than 31
                const by = b & 0xff;
                if (by === 0 || by > 31) {
                  break execution;
                }
                carry = ((a >>> (32 - by)) & 1) !== 0;
                forN = forZ = r[low] = a << by;
                break;
              }
              case 0b0011: { // LSR
                const by = b & 0xff;
                if (by === 0 || by > 31) {
                  break execution;
                }
                carry = ((a >>> (by - 1)) & 1) !== 0;
                forN = forZ = r[low] = a >>> by;
                break;
              }
              case 0b0100: { // ASR
                const by = b & 0xff;
                if (by === 0 || by > 31) {
                  break execution;
                }
                carry = ((a >>> (by - 1)) & 1) !== 0;
                forN = forZ = r[low] = a >> by;
                break;
              }
              case 0b1000: // TST
                forN = forZ = a & b;
                break;
              case 0b1001: { // NEG
                const difference = -b | 0;
                carry = b === 0;
                overflow = (b & difference) < 0;
                forN = forZ = r[low] = difference;
                break;
              }
              case 0b1010: { // CMP
                const difference = (a - b) | 0;
                carry = a >>> 0 >= b >>> 0;
                overflow = ((a ^ b) & (a ^ difference)) < 0;
                forN = forZ = difference;
                break;
              }
              case 0b1100: // ORR
                forN = forZ = r[low] = a | b;
                break;
              case 0b1101: // MUL
                forN = forZ = r[low] = Math.imul(a, b);
                break;
              case 0b1110: // BIC
                forN = forZ = r[low] = a & ~b;
                break;
              case 0b1111: // MVN
                forN = forZ = r[low] = ~b;
                break;
              default: // ADC, SBC, ROR, CMN
                break execution;
            }
            pc += 2;
            cycles += 1;
            continue;
          }
          const from = (opcode >>> 3) & 15;
          const to = ((opcode >>> 4) & 8) | low;
          switch (high & 3) {
            case 0b00: // ADD
              if (from === PC || to >= SP) {
                break execution;
              }
              r[to] = r[to] + r[from];
              break;
            case 0b01: { // CMP
              if (from === PC || to === PC) {
                break execution;
              }
              const a = r[to];
              const b = r[from];
              const difference = (a - b) | 0;
              carry = a >>> 0 >= b >>> 0;
              overflow = ((a ^ b) & (a ^ difference)) < 0;
              forN = forZ = difference;
              break;
            }
            case 0b10: // MOV
              if (from === PC || to >= SP) {
                break execution;
              }
              r[to] = r[from];
              break;
            default: { // BX, BLX
              const target = r[from];
              const returns = target >>> 28 === 0xf; // from an exception, perhaps
              if (low !== 0 || from === PC || from === LR && opcode & 0x80 || returns) {
                break execution;
              }
              if (opcode & 0x80) {
                r[LR] = (pc + 2) | 1;
              }
              pc = target & ~1;
              cycles += 2;
              continue;
            }
          }
          pc += 2;
          cycles += 1;
          continue;
        }

        case 0b01001: // LDR of a literal
          address = ((pc + 4) & ~3) + byte * 4;
          register = high;
          access = 0b100;
          break;
        case 0b01010:
        case 0b01011: // all that take their address from two registers
          address = r[middle] + r[five & 7];
          access = (opcode >>> 9) & 7;
          break;
        case 0b01100: // STR
          address = r[middle] + five * 4;
          break;
        case 0b01101: // LDR
          address = r[middle] + five * 4;
          access = 0b100;
          break;
        case 0b01110: // STRB
          address = r[middle] + five;
          access = 0b010;
          break;
        case 0b01111: // LDRB
          address = r[middle] + five;
          access = 0b110;
          break;
        case 0b10000: // STRH
          address = r[middle] + five * 2;
          access = 0b001;
          break;
        case 0b10001: // LDRH
          address = r[middle] + five * 2;
          access = 0b101;
          break;
        case 0b10010: // STR on the stack
          address = r[SP] + byte * 4;
          register = high;
          break;
        case 0b10011: // LDR from the stack
          address = r[SP] + byte * 4;
          register = high;
          access = 0b100;
          break;

        case 0b10100: // ADR
          r[high] = ((pc + 4) & ~3) + byte * 4;
          pc += 2;
          cycles += 1;
          continue;
        case 0b10101: // ADD to SP
          r[high] = r[SP] + byte * 4;
          pc += 2;
          cycles += 1;
          continue;

        case 0b10110: {
          if (opcode & 0x400) { // PUSH: a cycle for each register, LR included
            if (opcode & 0x200) {
              break execution; // CPS
            }
            const count = COUNTS[byte] + (high & 1);
            const start = (r[SP] - 4 * count) | 0;
            if ((start & WORD) !== IN_SRAM || (start & IN_REGION) + 4 * count > sramSize) {
              break execution;
            }
            let at = (start & IN_REGION) >>> 2;
            for (let number = 0, bits = byte; bits !== 0; number += 1, bits >>>= 1) {
              if (bits & 1) {
                sram32[at] = r[number];
                at += 1;
              }
            }
            if (high & 1) {
              sram32[at] = r[LR];
            }
            r[SP] = start;
            pc += 2;
            cycles += 1 + count;
            continue;
          }
          switch (opcode >>> 6) {
            case 0b1011000000: // ADD to SP
            case 0b1011000001:
              r[SP] = (r[SP] + (opcode & 0x7f) * 4) & ~3;
              break;
            case 0b1011000010: // SUB from SP
            case 0b1011000011:
              r[SP] = (r[SP] - (opcode & 0x7f) * 4) & ~3;
              break;
            case 0b1011001000: // SXTH
              r[low] = (r[middle] << 16) >> 16;
              break;
            case 0b1011001001: // SXTB
              r[low] = (r[middle] << 24) >> 24;
              break;
            case 0b1011001010: // UXTH
              r[low] = r[middle] & 0xffff;
              break;
            case 0b1011001011: // UXTB
              r[low] = r[middle] & 0xff;
              break;
            default:
              break execution;
          }
          pc += 2;
          cycles += 1;
          continue;
        }

        case 0b10111: {
          if ((opcode & 0x600) === 0x400) { // POP: a cycle for each register, PC included
            const count = COUNTS[byte] + (high & 1);
            const start = r[SP];
            if ((start & WORD) !== IN_SRAM || (start & IN_REGION) + 4 * count > sramSize) {
              break execution;
            }
            let at = (start & IN_REGION) >>> 2;
            const target = high & 1 ? sram32[at + count - 1] : 0;
            if (target >>> 28 === 0xf) {
              break execution; // a return from an exception, perhaps
            }
            for (let number = 0, bits = byte; bits !== 0; number += 1, bits >>>= 1) {
              if (bits & 1) {
                r[number] = sram32[at];
                at += 1;
              }
            }
            r[SP] = (start + 4 * count) | 0;
            if (high & 1) {
              pc = target & ~1;
              cycles += 3 + count;
            } else {
              pc += 2;
              cycles += 1 + count;
            }
            continue;
          }
          if (opcode >>> 6 === 0b1011101000) { // REV
            const value = r[middle];
            r[low] =
              (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
          } else if (opcode !== 0xbf00) { // NOP
            break execution;
          }
          pc += 2;
          cycles += 1;
          continue;
        }

        case 0b11000: { // STM
          const count = COUNTS[byte];
          const start = r[high];
          const inRange = (start & WORD) === IN_SRAM && (start & IN_REGION) + 4 * count <= sramSize;
          if (!inRange || byte & (1 << high)) {
            break execution;
          }
          let at = (start & IN_REGION) >>> 2;
          for (let number = 0, bits = byte; bits !== 0; number += 1, bits >>>= 1) {
            if (bits & 1) {
              sram32[at] = r[number];
              at += 1;
            }
          }
          r[high] = start + 4 * count;
          pc += 2;
          cycles += 1 + count;
          continue;
        }
        case 0b11001: { // LDM
          const count = COUNTS[byte];
          const start = r[high];
          const inSram = (start & WORD) === IN_SRAM && (start & IN_REGION) + 4 * count <= sramSize;
          const inFlash = (start & WORD) === IN_FLASH && (start & IN_REGION) + 4 * count <= IN_REGION;
          if (!inSram && !inFlash) {
            break execution;
          }
          const words = inSram ? sram32 : flash32;
          let at = (start & IN_REGION) >>> 2;
          r[high] = start + 4 * count; // but if it is one of those that are loaded
          for (let number = 0, bits = byte; bits !== 0; number += 1, bits >>>= 1) {
            if (bits & 1) {
              r[number] = words[at];
              at += 1;
            }
          }
          pc += 2;
          cycles += 1 + count;
          continue;
        }

        case 0b11010:
        case 0b11011: { // B on a condition
          let holds = false;
          switch ((opcode >>> 9) & 7) {
            case 0b000: // EQ, NE
              holds = forZ === 0;
              break;
            case 0b001: // CS, CC
              holds = carry;
              break;
            case 0b010: // MI, PL
              holds = forN < 0;
              break;
            case 0b011: // VS, VC
              holds = overflow;
              break;
            case 0b100: // HI, LS
              holds = carry && forZ !== 0;
              break;
            case 0b101: // GE, LT
              holds = forN < 0 === overflow;
              break;
            case 0b110: // GT, LE
              holds = forN < 0 === overflow && forZ !== 0;
              break;
            default: // UDF, SVC
              break execution;
          }
          if (holds === ((opcode & 0x100) === 0)) {
            pc += 4 + ((byte << 24) >> 23);
            cycles += 2;
          } else {
            pc += 2;
            cycles += 1;
          }
          continue;
        }
        case 0b11100: // B
          pc += 4 + ((opcode << 21) >> 20);
          cycles += 2;
          continue;
        case 0b11110: { // BL; what else has two halves is the emulator's
          if (here + 1 >= code.length) {
            break execution;
          }
          const second = code[here + 1];
          if ((second & 0xd000) !== 0xd000) {
            break execution;
          }
          const sign = (opcode << 21) >> 31; // all bits, or none
          const i1 = ~(sign ^ (second >>> 13)) & 1;
          const i2 = ~(sign ^ (second >>> 11)) & 1;
          const distance =
            (sign << 24) | (i1 << 23) | (i2 << 22) | ((opcode & 0x3ff) << 12) | ((second & 0x7ff) << 1);
          r[LR] = (pc + 4) | 1;
          pc = (pc + 4 + distance) | 0;
          cycles += 3;
          continue;
        }
        default:
          break execution;
      }

      address |= 0;
      const offset = address & IN_REGION;
      switch (access) {
        case 0b000: // STR
          if ((address & WORD) !== IN_SRAM || offset >= sramSize) {
            break execution;
          }
          sram32[offset >>> 2] = r[register];
          break;
        case 0b001: // STRH
          if ((address & HALF) !== IN_SRAM || offset >= sramSize) {
            break execution;
          }
          sram16[offset >>> 1] = r[register];
          break;
        case 0b010: // STRB
          if ((address & BYTE) !== IN_SRAM || offset >= sramSize) {
            break execution;
          }
          sram[offset] = r[register];
          break;
        case 0b011: // LDRSB
          if ((address & BYTE) === IN_SRAM && offset < sramSize) {
            r[register] = (sram[offset] << 24) >> 24;
          } else if ((address & BYTE) === IN_FLASH) {
            r[register] = (flash[offset] << 24) >> 24;
          } else {
            break execution;
          }
          break;
        case 0b100: // LDR
          if ((address & WORD) === IN_SRAM && offset < sramSize) {
            r[register] = sram32[offset >>> 2];
          } else if ((address & WORD) === IN_FLASH) {
            r[register] = flash32[offset >>> 2];
          } else {
            break execution;
          }
          break;
        case 0b101: // LDRH
          if ((address & HALF) === IN_SRAM && offset < sramSize) {
            r[register] = sram16[offset >>> 1];
          } else if ((address & HALF) === IN_FLASH) {
            r[register] = flash16[offset >>> 1];
          } else {
            break execution;
          }
          break;
        case 0b110: // LDRB
          if ((address & BYTE) === IN_SRAM && offset < sramSize) {
            r[register] = sram[offset];
          } else if ((address & BYTE) === IN_FLASH) {
            r[register] = flash[offset];
          } else {
            break execution;
          }
          break;
        default: // LDRSH
          if ((address & HALF) === IN_SRAM && offset < sramSize) {
            r[register] = (sram16[offset >>> 1] << 16) >> 16;
          } else if ((address & HALF) === IN_FLASH) {
            r[register] = (flash16[offset >>> 1] << 16) >> 16;
          } else {
            break execution;
          }
      }
      pc += 2;
      cycles += 2;
    }

    r[PC] = pc;
    core.N = forN < 0;
    core.Z = forZ === 0;
    core.C = carry;
    core.V = overflow;
    core.cycles += cycles;
    return cycles;
  }

  /** PUSH and POP take a cycle for each register, LR and PC included (Cortex-M0+ Technical Reference
   *  Manual, 3.3: 1+N, and 3+N for a POP that returns). The emulator counts none for LR and PC. */
  function emulate() {
    const opcode = codeAt(r[PC]) & 0xff00;
    const more = opcode === 0xb500 || opcode === 0xbd00 ? 1 : 0;
    core.cycles += more;
    return core.executeInstruction() + more;
  }

  /** @param {number} address of an instruction, in flash, SRAM or boot ROM; else there is none */
  function codeAt(address) {
    const at = (address & IN_REGION) >>> 1;
    switch (address >>> REGION_SHIFT) {
      case FLASH:
      case FLASH + 1: // the same without the cache, in three ways
      case FLASH + 2:
      case FLASH + 3:
        return flash16[at];
      case SRAM:
        return sram16[at];
      case BOOT_ROM:
        return bootrom16[at];
      default:
        return 0;
    }
  }

  /** @param {number} budget */
  return function execute(budget) {
    if (core.interruptsUpdated) {
      if (core.checkForInterrupts()) {
        core.waiting = false;
      }
      budget = 1; // what was taken up may be followed by another one
    }
    const cycles = run(budget);
    return cycles > 0 ? cycles : emulate();
  };
}
