import CKernels
import Testing

/// Kernels that make a viewer's pictures: every instruction set gives the bytes of the formula.
@Suite struct ViewTests {
  private let widths = [1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 65, 100, 129, 333]
  private let isas = [FOVEA_SCALAR] + vectorISAs

  private func bytes(_ count: Int, _ dice: inout Dice) -> [UInt8] {
    (0..<count).map { _ in dice.chance(1, of: 4) ? (dice.chance(1, of: 2) ? 255 : 0) : UInt8(dice.int(0...255)) }
  }

  @Test func scalesRows() {
    var dice = Dice(81)
    for count in [8, 16, 40, 136] {
      for quads in [1, 2, 5] {
        for reach in [1, 3, 12, 13, 40] {
          var start: [Int32] = [Int32(dice.int(0...5))]
          for _ in 1..<count { start.append(start[start.count - 1] + Int32(dice.int(0...reach))) }
          let taps = 4 * quads
          let input = bytes(Int(start[count - 1]) + taps + 12, &dice)
          let weights = (0..<count * taps).map { _ in Int16(dice.int(0...(1 << 14) / taps)) }
          let expected = (0..<count).map { i in
            let sum = (0..<taps).reduce(1 << 13) { $0 + Int(weights[i * taps + $1]) * Int(input[Int(start[i]) + $1]) }
            return UInt8(clamping: sum >> FOVEA_TAPS_FRACTION)
          }
          var packed = [Int16](repeating: 0, count: count * taps)
          var controls = [UInt8](repeating: 0, count: count * 8)
          fovea_image_taps_pack(&packed, &controls, start, weights, Int32(quads), Int32(count))
          let isNear = fovea_image_taps_reach(start, Int32(count)) <= 12
          #expect(isNear || reach > 12)
          for isa in isas {
            var output = [UInt8](repeating: 9, count: count)
            start.withUnsafeBufferPointer { start in
              packed.withUnsafeBufferPointer { packed in
                controls.withUnsafeBufferPointer { controls in
                  var filter = fovea_image_taps(
                    start: start.baseAddress, weights: packed.baseAddress,
                    controls: isNear ? controls.baseAddress : nil, quads: Int32(quads), count: Int32(count))
                  fovea_image_scale(&output, input, &filter, isa)
                }
              }
            }
            #expect(output == expected, "isa \(isa.rawValue), \(count) outputs, \(taps) taps, \(reach) apart")
          }
        }
      }
    }
  }

  @Test func picksBytes() {
    var dice = Dice(82)
    for width in widths {
      for step in 1...5 {
        let input = bytes((width - 1) * step + 1, &dice)
        for isa in isas {
          var output = [UInt8](repeating: 9, count: width + 1)
          fovea_image_pick(&output, input, Int32(step), Int32(width), isa)
          #expect(output == (0..<width).map { input[$0 * step] } + [9])
        }
      }
    }
  }

  @Test func changesRangeAndMatrix() {
    var dice = Dice(83)
    // BT.709 in limited range to BT.601 in full range, more or less.
    let luma: [Int32] = [1_220_945, -123_456, 234_567, -19_000_000]
    let chroma: [Int32] = [1_180_000, -130_000, 400_000, 90_000, 1_160_000, -20_000_000]
    func byte(_ x: Int) -> UInt8 { UInt8(clamping: x >> FOVEA_COLOR_FRACTION) }
    for width in widths {
      let half = (width + 1) / 2
      let (y, u, v) = (bytes(width, &dice), bytes(half, &dice), bytes(half, &dice))
      let expected = (0..<width).map { x in
        byte(Int(luma[0]) * Int(y[x]) + Int(luma[1]) * Int(u[x / 2]) + Int(luma[2]) * Int(v[x / 2]) + Int(luma[3]))
      }
      func mixed(_ i: Int, _ row: Int) -> UInt8 {
        byte(Int(chroma[row]) * Int(u[i]) + Int(chroma[row + 1]) * Int(v[i]) + Int(chroma[row + 2]))
      }
      for isa in isas {
        var output = [UInt8](repeating: 9, count: width + 1)
        fovea_image_recode_luma(&output, y, u, v, luma, Int32(width), isa)
        #expect(output == expected + [9], "isa \(isa.rawValue), width \(width)")
        var (newU, newV) = (u, v)
        fovea_image_recode_chroma(&newU, &newV, chroma, Int32(half), isa)
        #expect(newU == (0..<half).map { mixed($0, 0) } && newV == (0..<half).map { mixed($0, 3) })
      }
    }
  }

  @Test func averagesTheColorsOfFourPixels() {
    var dice = Dice(84)
    for width in widths {
      let rows = (0..<2).map { _ in (0..<width).map { _ in (0..<3).map { _ in UInt32(dice.int(0...255)) } } }
      let words = rows.map { $0.map { $0[0] | $0[1] << 10 | $0[2] << 20 } }
      func chroma(_ c: Int) -> [UInt8] {
        (0..<(width + 1) / 2).map { j in
          let (a, b) = (2 * j, min(2 * j + 1, width - 1))
          return UInt8((rows[0][a][c] + rows[0][b][c] + rows[1][a][c] + rows[1][b][c] + 2) / 4)
        }
      }
      for isa in isas {
        var (y0, y1) = ([UInt8](repeating: 9, count: width), [UInt8](repeating: 9, count: width))
        var (u, v) = ([UInt8](repeating: 9, count: (width + 1) / 2), [UInt8](repeating: 9, count: (width + 1) / 2))
        fovea_image_split_420(&y0, &y1, &u, &v, words[0], words[1], Int32(width), isa)
        #expect(y0 == rows[0].map { UInt8($0[0]) } && y1 == rows[1].map { UInt8($0[0]) })
        #expect(u == chroma(1) && v == chroma(2), "isa \(isa.rawValue), width \(width)")
      }
    }
  }

  /// Tiles are the means of the cells that they cover, however many those are; NaN stays where it is.
  @Test func tilesAreMeans() {
    var dice = Dice(85)
    for (width, height, across, down) in [
      (111, 111, 75, 75), (5, 3, 5, 3), (7, 9, 300, 2), (640, 4, 129, 3), (3000, 2, 2, 1), (1, 1, 4, 4),
      (13, 17, 7, 40),
    ] {
      var map = (0..<width * height).map { _ in dice.float(0...255) }
      map[dice.int(0...map.count - 1)] = .nan
      var tile = [UInt8](repeating: 9, count: across * down)
      fovea_image_tile(&tile, across, Int32(across), Int32(down), map, Int32(width), Int32(height), 0, 1)
      for y in 0..<down {
        for x in 0..<across {
          let (y0, x0) = (y * height / down, x * width / across)
          let (y1, x1) = (max(y0 + 1, (y + 1) * height / down), max(x0 + 1, (x + 1) * width / across))
          var sum = 0.0
          for v in y0..<y1 { for u in x0..<x1 { sum += Double(map[v * width + u]) } }
          let mean = sum / Double((y1 - y0) * (x1 - x0))
          let isRight = mean.isNaN ? tile[y * across + x] == 0 : abs(Double(tile[y * across + x]) - mean) < 0.51
          #expect(isRight, "\(tile[y * across + x]) is not \(mean) at \(x), \(y) of \(across)x\(down)")
        }
      }
    }
  }
}
