import CKernels
import Testing

@Suite struct HeatTests {
  @Test func levelsAreRoundedAndClamped() {
    let upper: [Float] = [0, 100, -50, 300, .nan, 10]
    let lower: [Float] = [10, 200, -50, 300, 5, .infinity]
    var levels = [UInt8](repeating: 7, count: 7)
    fovea_image_heat_levels(&levels, upper, lower, 0.25, 6)
    #expect(Array(levels[..<4]) == [3, 125, 0, 255] && levels[4] == 0 && levels[5] == 255 && levels[6] == 7)
  }

  @Test func inksAreLookedUp() {
    let inks = (0..<256).map { UInt16($0 * 3) }
    let opacities = (0..<256).map { UInt8(255 - $0) }
    let levels = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var (values, weights) = ([UInt16](repeating: 0, count: 300), [UInt8](repeating: 0, count: 300))
    fovea_image_heat_ink(&values, &weights, levels, inks, opacities, 300)
    #expect(zip(values, levels).allSatisfy { $0 == UInt16($1) * 3 })
    #expect(zip(weights, levels).allSatisfy { $0 == 255 - $1 })
  }

  @Test func contoursLieWhereTheLevelCrosses() {
    let levels: [UInt8] = [0, 10, 20, 30, 20, 10, 0]
    let below: [UInt8] = [0, 10, 20, 10, 20, 10, 30]
    var weights = [UInt8](repeating: 9, count: 7)
    fovea_image_contour(&weights, levels, below, 1, 15, 7)
    #expect(weights == [0, 255, 0, 255, 255, 0, 255])
  }
}
