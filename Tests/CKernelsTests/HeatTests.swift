import CKernels
import TestSupport
import Testing

private let heatVariants: [fovea_isa] = [FOVEA_SCALAR, FOVEA_AVX2, FOVEA_AVX512, FOVEA_NEON].filter {
  fovea_isa_supported($0) != 0
}

@Suite struct HeatTests {
  @Test func levelsAreRoundedAndClamped() {
    let upper: [Float] = [0, 100, -50, 300, .nan, 10]
    let lower: [Float] = [10, 200, -50, 300, 5, .infinity]
    var levels = [UInt8](repeating: 7, count: 7)
    fovea_image_heat_levels(&levels, upper, lower, 0.25, 6, FOVEA_SCALAR)
    #expect(Array(levels[..<4]) == [3, 125, 0, 255] && levels[4] == 0 && levels[5] == 255 && levels[6] == 7)
  }

  @Test func inksAreLookedUp() {
    let inks = (0..<256).map { UInt16($0 * 3) }
    let opacities = (0..<256).map { UInt8(255 - $0) }
    let table = zip(inks, opacities).map { UInt32($0) | UInt32($1) << 16 }
    let levels = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var (values, weights) = ([UInt16](repeating: 0, count: 300), [UInt8](repeating: 0, count: 300))
    fovea_image_heat_ink(&values, &weights, levels, table, 300)
    #expect(zip(values, levels).allSatisfy { $0 == UInt16($1) * 3 })
    #expect(zip(weights, levels).allSatisfy { $0 == 255 - $1 })
  }

  @Test(arguments: heatVariants) func levelsAreTheReferences(isa: fovea_isa) {
    var random = SplitMix64(4)
    for count in [0, 1, 31, 32, 33, 63, 64, 200, 1921] {
      var upper = (0..<count).map { _ in Float.random(in: -20...280, using: &random) }
      let lower = (0..<count).map { _ in Float.random(in: -20...280, using: &random) }
      if count > 40 { (upper[5], upper[40]) = (Float.nan, Float.infinity) }
      for share: Float in [0, 0.25, 0.3, 1] {
        var (wanted, levels) = ([UInt8](repeating: 7, count: count + 1), [UInt8](repeating: 7, count: count + 1))
        fovea_image_heat_levels(&wanted, upper, lower, share, Int32(count), FOVEA_SCALAR)
        fovea_image_heat_levels(&levels, upper, lower, share, Int32(count), isa)
        #expect(levels == wanted)
      }
    }
  }

  @Test(arguments: heatVariants) func heatIsTheBlendOfWhatIsLookedUp(isa: fovea_isa) {
    var random = SplitMix64(5)
    let table = (0..<256).map { _ in
      UInt32.random(in: 0...255, using: &random) | UInt32.random(in: 0...255, using: &random) << 16
    }
    for count in [0, 1, 15, 16, 17, 63, 64, 65, 255, 256, 273, 3840, 3847] {
      let levels = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      var wanted = (0...count).map { _ in UInt8.random(in: 0...255, using: &random) }
      var samples = wanted
      var (values, weights) = ([UInt16](repeating: 0, count: count), [UInt8](repeating: 0, count: count))
      fovea_image_heat_ink(&values, &weights, levels, table, Int32(count))
      fovea_image_blend(&wanted, 1, 0, 8, values, 1, weights, 1, Int32(count), FOVEA_SCALAR)
      fovea_image_heat(&samples, levels, table, Int32(count), isa)
      #expect(samples == wanted)
    }
  }

  @Test(
    arguments: heatVariants,
    [
      (10, 2, 0), (12, 2, 4), (16, 2, 0), (10, 2, 6), (10, 4, 6), (8, 2, 0), (8, 3, 0), (8, 4, 0), (8, 6, 0),
      (16, 6, 0), (5, 2, 6), (3, 1, 5),
    ])
  func otherLayoutsBlendAsTheReference(
    isa: fovea_isa, layout: (depth: Int32, step: Int32, shift: Int32)
  ) {
    var random = SplitMix64(6)
    for count in [1, 17, 640] {
      let limit = UInt16((1 << layout.depth) - 1)
      let values = (0..<count).map { _ in UInt16.random(in: 0...limit, using: &random) }
      let weights = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      let start = (0..<count * 6 + 1).map { _ in UInt8.random(in: 0...255, using: &random) }
      for (vs, ws): (Int32, Int32) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        var (wanted, samples) = (start, start)
        // From an odd address: rows need not lie at multiples of two bytes.
        wanted.withUnsafeMutableBufferPointer {
          fovea_image_blend(
            $0.baseAddress! + 1, layout.step, layout.shift, layout.depth, values, vs, weights, ws, Int32(count),
            FOVEA_SCALAR)
        }
        samples.withUnsafeMutableBufferPointer {
          fovea_image_blend(
            $0.baseAddress! + 1, layout.step, layout.shift, layout.depth, values, vs, weights, ws, Int32(count), isa)
        }
        #expect(samples == wanted)
      }
    }
  }

  @Test func contoursLieWhereTheLevelCrosses() {
    let levels: [UInt8] = [0, 10, 20, 30, 20, 10, 0]
    let below: [UInt8] = [0, 10, 20, 10, 20, 10, 30]
    var weights = [UInt8](repeating: 9, count: 7)
    fovea_image_contour(&weights, levels, below, 1, 15, 7)
    #expect(weights == [0, 255, 0, 255, 255, 0, 255])
  }
}
