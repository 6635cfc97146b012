import CKernels
import Testing

/// Picture kernels: every instruction set gives the reference's bytes, and the reference gives the formula's.
@Suite struct ImageTests {
  private let widths = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 129, 224, 333]
  private let isas = [FOVEA_SCALAR] + vectorISAs

  private func bytes(_ count: Int, _ dice: inout Dice) -> [UInt8] {
    (0..<count).map { _ in dice.chance(1, of: 4) ? (dice.chance(1, of: 2) ? 255 : 0) : UInt8(dice.int(0...255)) }
  }

  /// Weights of `taps` taps with the sum 2^22, the last `zeros` of them 0.
  private func weights(_ taps: Int, zeros: Int, _ dice: inout Dice) -> [Int32] {
    var row = [Int32](repeating: 0, count: taps)
    var left = 1 << 22
    for tap in 0..<taps - zeros {
      let share = tap == taps - zeros - 1 ? left : dice.int(0...left)
      (row[tap], left) = (Int32(share), left - share)
    }
    return row.shuffled(upTo: taps - zeros, &dice)
  }

  private func filtered(_ sum: Int) -> UInt8 { UInt8(clamping: (sum + 1 << 21) >> 22) }

  private func pack(_ weights: [Int32], _ taps: Int, _ isa: fovea_isa) -> [UInt8] {
    let count = Int32(weights.count / taps)
    var packed = [UInt8](repeating: 0, count: fovea_image_filter_bytes(Int32(taps), count, isa) + 1)
    fovea_image_filter_pack(&packed, weights, Int32(taps), count, isa)
    return packed
  }

  @Test func filtersRows() {
    var dice = Dice(71)
    for outputs in [4, 8, 12, 56, 224] {
      for quads in [1, 2, 3, 7] {
        let (taps, blocks) = (4 * quads, quads + dice.int(0...50))
        let strip = bytes(64 * blocks, &dice)
        let start = (0..<outputs).map { _ in Int32(4 * dice.int(0...blocks - quads)) }
        let used = (0..<outputs).map { _ in Int32(dice.int(0...quads)) }
        let table = used.flatMap {
          $0 == 0 ? [Int32](repeating: 0, count: taps) : weights(taps, zeros: taps - 4 * Int($0), &dice)
        }
        var expected = [UInt8](repeating: 0, count: 16 * outputs)
        for row in 0..<4 {
          for i in 0..<outputs {
            for channel in 0..<4 {
              let sum = (0..<taps).reduce(0) { sum, tap in
                let column = Int(start[i]) + tap
                guard tap < 4 * used[i] else { return sum }
                return sum + Int(table[i * taps + tap])
                  * Int(strip[column / 4 * 64 + row * 16 + channel * 4 + column % 4])
              }
              expected[row * 4 * outputs + 4 * i + channel] = filtered(sum)
            }
          }
        }
        for isa in isas {
          let packed = pack(table, taps, isa)
          var output = [UInt8](repeating: 9, count: 16 * outputs)
          start.withUnsafeBufferPointer { start in
            used.withUnsafeBufferPointer { used in
              table.withUnsafeBufferPointer { table in
                packed.withUnsafeBytes { packed in
                  var filter = fovea_image_filter(
                    start: start.baseAddress, quads: used.baseAddress, weights: table.baseAddress,
                    packed: packed.baseAddress, taps: Int32(taps), count: Int32(outputs))
                  fovea_image_resample_rows(&output, 4 * outputs, strip, &filter, isa)
                }
              }
            }
          }
          #expect(output == expected, "isa \(isa.rawValue), \(outputs) outputs, \(taps) taps")
        }
      }
    }
  }

  @Test func filtersColumns() {
    var dice = Dice(72)
    for width in widths {
      for taps in [1, 2, 3, 4, 5, 6, 8, 9, 21] {
        let length = (taps + 3) & ~3
        let rows = bytes(taps * width, &dice)
        let table = weights(length, zeros: length - taps, &dice)
        let expected = (0..<width).map { x in
          filtered((0..<taps).reduce(0) { $0 + Int(table[$1]) * Int(rows[$1 * width + x]) })
        }
        for isa in isas {
          let packed = pack(table, length, isa)
          var output = [UInt8](repeating: 9, count: width)
          rows.withUnsafeBufferPointer { rows in
            let pointers = (0..<taps).map { tap in rows.baseAddress.map { $0 + tap * width } }
            fovea_image_resample_column(&output, pointers, table, packed, Int32(taps), width, isa)
          }
          #expect(output == expected, "isa \(isa.rawValue), width \(width), \(taps) taps")
        }
      }
    }
  }

  /// The weights that need most digits.
  @Test func weightsAtTheEndsOfTheirRange() {
    for weight in [0, 1, 127, 128, 129, 255, 256, 32767, 32768, 65535, 65536, 1 << 21, 1 << 22 - 1, 1 << 22] as [Int32]
    {
      for isa in isas {
        let (table, row) = ([weight, 0, 0, 0], [UInt8](repeating: 255, count: 64))
        var output = [UInt8](repeating: 9, count: 64)
        row.withUnsafeBufferPointer { row in
          fovea_image_resample_column(&output, [row.baseAddress], table, pack(table, 4, isa), 1, 64, isa)
        }
        #expect(output.allSatisfy { $0 == filtered(255 * Int(weight)) }, "isa \(isa.rawValue), weight \(weight)")
      }
    }
  }

  /// BT.709, limited range.
  private let matrix: [Int32] = [
    1_220_945, 0, 1_879_834, -259_619_440, 1_220_945, -223_611, -558_796, 80_673_480, 1_220_945, 2_215_040, 0,
    -302_525_840,
  ]

  @Test func convertsYUV() {
    var dice = Dice(73)
    for width in widths {
      for (shift, step) in [(0, 1), (1, 1), (2, 1), (1, 2), (0, 3)] {
        let count = (width - 1) >> shift + 1
        let (luma, chroma) = (bytes(width, &dice), bytes(2 * count * step, &dice))
        let stride = (count << shift + 15) & ~15
        var expected = [UInt8](repeating: 0, count: 64 * ((width + 3) / 4))
        for x in 0..<width {
          let (u, v) = (Int(chroma[(x >> shift) * step]), Int(chroma[count * step + (x >> shift) * step]))
          for channel in 0..<3 {
            let m = matrix[4 * channel..<4 * channel + 4].map { Int($0) }
            let value = (m[0] * Int(luma[x]) + m[1] * u + m[2] * v + m[3]) >> FOVEA_COLOR_FRACTION
            expected[x / 4 * 64 + channel * 4 + x % 4] = UInt8(clamping: value)
          }
        }
        for isa in isas {
          var terms = [Int32](repeating: 0, count: 3 * stride)
          chroma.withUnsafeBufferPointer { chroma in
            guard let u = chroma.baseAddress else { return }
            fovea_image_chroma_terms(
              &terms, stride, u, u + count * step, Int32(step), Int32(shift), matrix, Int32(count), isa)
          }
          var strip = [UInt8](repeating: 0, count: expected.count)
          fovea_image_luma_to_rgb(&strip, luma, terms, stride, matrix[0], Int32(width), isa)
          #expect(strip == expected, "isa \(isa.rawValue), width \(width), shift \(shift), step \(step)")
        }
      }
    }
  }

  @Test func interpolatesChroma() {
    var dice = Dice(74)
    for width in widths {
      let (near, far) = (bytes(width, &dice), bytes(width, &dice))
      func at(_ row: [UInt8], _ x: Int) -> Int { Int(row[min(max(x, 0), width - 1)]) }
      func sum(_ x: Int) -> Int { 3 * at(near, x) + at(far, x) }
      let wide = (0..<2 * width).map { x in
        x % 2 == 0
          ? (3 * at(near, x / 2) + at(near, x / 2 - 1) + 1) / 4 : (3 * at(near, x / 2) + at(near, x / 2 + 1) + 2) / 4
      }
      let both = (0..<2 * width).map { x in
        x % 2 == 0 ? (3 * sum(x / 2) + sum(x / 2 - 1) + 8) / 16 : (3 * sum(x / 2) + sum(x / 2 + 1) + 7) / 16
      }
      for isa in isas {
        var output = [UInt8](repeating: 9, count: 2 * width)
        fovea_image_triangle_h2v1(&output, near, Int32(width), isa)
        #expect(output.map { Int($0) } == wide, "isa \(isa.rawValue), width \(width)")
        fovea_image_triangle_h2v2(&output, near, far, Int32(width), isa)
        #expect(output.map { Int($0) } == both, "isa \(isa.rawValue), width \(width)")
      }
    }
  }
}

extension [Int32] {
  /// The first `count` elements in another order.
  fileprivate func shuffled(upTo count: Int, _ dice: inout Dice) -> [Int32] {
    Array(self[..<count].shuffled(using: &dice) + self[count...])
  }
}
