import CKernels
import Testing

/// Statistics of activations: every instruction set gives what a plain loop gives.
@Suite struct StatisticsTests {
  private let counts = [1, 2, 3, 15, 16, 17, 31, 32, 33, 49, 169, 784, 1000, 12321]
  private let isas = [FOVEA_SCALAR] + vectorISAs

  /// Values with zeros, equal ones, and now and then NaN or infinity.
  private func values(_ count: Int, _ dice: inout Dice, strange: Bool) -> [Float] {
    (0..<count).map { _ in
      if dice.chance(1, of: 3) { return dice.chance(1, of: 2) ? 0 : -0.0 }
      if strange, dice.chance(1, of: 8) { return [.nan, .infinity, -.infinity][dice.int(0...2)] }
      return dice.chance(1, of: 4) ? 3.5 : dice.float(-4...4)
    }
  }

  private func near(_ a: Double, _ b: Double, _ scale: Double) -> Bool {
    a.isNaN && b.isNaN || a == b || abs(a - b) <= 1e-5 * max(1, scale)
  }

  @Test(arguments: [false, true]) func channels(strange: Bool) {
    var dice = Dice(91)
    for count in counts {
      let (now, before) = (values(count, &dice, strange: strange), values(count, &dice, strange: strange))
      var (low, high, place, zeros) = (Float.infinity, -Float.infinity, 0, 0)
      var (sum, magnitude, change) = (0.0, 0.0, 0.0)
      for (i, value) in now.enumerated() {
        if value > high { (high, place) = (value, i) }
        if value < low { low = value }
        (sum, magnitude) = (sum + Double(value), magnitude + Double(abs(value)))
        change += Double(abs(value - before[i]))
        zeros += value == 0 ? 1 : 0
      }
      for isa in isas {
        var (result, kept) = (fovea_channel(), [Float](repeating: 9, count: count + 1))
        fovea_statistics_channel(&result, now, before, &kept, Int32(count), isa)
        #expect(result.low == low && result.high == high, "\(result) is not \(low)…\(high), \(count) values")
        #expect(Int(result.place) == place && Int(result.zeros) == zeros, "\(result): \(place), \(zeros) of \(count)")
        #expect(near(Double(result.sum), sum, magnitude) && near(Double(result.magnitude), magnitude, magnitude))
        #expect(near(Double(result.change), change, change))
        #expect(zip(kept, now).allSatisfy { $0.bitPattern == $1.bitPattern } && kept[count] == 9)
      }
    }
  }

  @Test func aChannelWithoutNumbers() {
    for isa in isas {
      let nothing = [Float](repeating: .nan, count: 21)
      var (result, kept) = (fovea_channel(), nothing)
      fovea_statistics_channel(&result, nothing, nothing, &kept, 21, isa)
      #expect(result.low == .infinity && result.high == -.infinity && result.place == 0 && result.zeros == 0)
      var lowest = nothing
      lowest[20] = -.infinity
      fovea_statistics_channel(&result, lowest, nothing, &kept, 21, isa)
      #expect(result.low == -.infinity && result.high == -.infinity && result.place == 0)
    }
  }

  @Test(arguments: [false, true]) func moments(strange: Bool) {
    var dice = Dice(92)
    for isa in isas {
      var total = fovea_moments(low: .infinity, high: -.infinity, sum: 0, squares: 0, magnitude: 0, zeros: 0)
      var all: [Float] = []
      for count in counts {
        let part = values(count, &dice, strange: strange)
        fovea_statistics_moments(&total, part, Int64(count), isa)
        all += part.filter(\.isFinite)
      }
      let exact = all.map { Double($0) }
      let magnitude = exact.reduce(0) { $0 + abs($1) }
      #expect(total.low == all.min() && total.high == all.max() && total.zeros == all.count { $0 == 0 })
      #expect(near(total.sum, exact.reduce(0, +), magnitude) && near(total.magnitude, magnitude, magnitude))
      let squares = exact.reduce(0) { $0 + $1 * $1 }
      #expect(near(total.squares, squares, squares))
    }
  }

  @Test func momentsOfNothing() {
    for isa in isas {
      var total = fovea_moments(low: .infinity, high: -.infinity, sum: 0, squares: 0, magnitude: 0, zeros: 0)
      fovea_statistics_moments(&total, [.nan, .infinity], 2, isa)
      #expect(total.low == .infinity && total.high == -.infinity && total.sum == 0 && total.zeros == 0)
    }
  }

  @Test(arguments: [false, true]) func histograms(strange: Bool) {
    var dice = Dice(93)
    for count in counts {
      for bins in [1, 2, 24, Int(FOVEA_MOST_BINS)] {
        let values = values(count, &dice, strange: strange)
        // Some lie outside.
        let (low, gain, limit): (Float, Float, Float) = (-3, Float(bins) / 6.25, 3.4)
        var expected = [Int64](repeating: 1, count: bins)
        var reached = 0
        for value in values where value.isFinite {
          expected[min(bins - 1, max(0, Int((value - low) * gain)))] += 1
          if value >= limit { reached += 1 }
        }
        for isa in isas {
          var result = [Int64](repeating: 1, count: bins)
          let found = fovea_statistics_histogram(
            &result, Int32(bins), values, Int64(count), low, gain, limit, isa)
          #expect(result == expected && Int(found) == reached, "isa \(isa.rawValue), \(count) values, \(bins) bins")
        }
      }
    }
  }

  /// A range so wide that its extent is infinite.
  @Test func aHistogramOfHugeValues() {
    for isa in isas {
      var result = [Int64](repeating: 0, count: 24)
      let values: [Float] = [-3e38, 3e38, 0]
      _ = fovea_statistics_histogram(&result, 24, values, 3, -3e38, 24 / (Float(3e38) + 3e38), 1, isa)
      #expect(result.reduce(0, +) == 3)
    }
  }

  @Test func patchRows() {
    var output = [UInt8](repeating: 9, count: 13)
    fovea_statistics_patch_row(&output, [0, 1, -5, .nan, 900], [1, 1, 4, 2, 3], 5, 2, 10.6)
    #expect(output == [13, 9, 9, 13, 9, 9, 255, 9, 9, 1, 9, 9, 0])
  }
}
