import Foundation
import Inference
import Telemetry

/// Occlusion: Zeiler and Fergus 2014, section 3.2: how much of the score is lost when a patch covers a place. Each place
/// takes the mean over the patches that cover it; the last patches are cut at the edge. Of each covered picture only what the patch
/// changes is computed, layer by layer.
final class Occlusion: SaliencyMethod {
  static let info = MethodInfo(
    "occlusion", "Occlusion", "how much of the score is lost when a patch covers a place",
    paper: "Zeiler and Fergus 2014, sec. 3.2", needs: .runs, cost: "1 + P parts", isSigned: true)

  private let grid: PatchGrid
  private let regions: [MapRegion]
  private let fill: FloatBuffer
  private let style: PatchFill
  private let seed: Int
  private let counts: FloatBuffer
  private let extent: SpatialExtent
  private var multiplyAdds: (whole: Int, region: Int)?

  init(_ setup: MethodSetup) throws {
    extent = setup.network.inputExtent
    grid = try PatchGrid(extent, setup.options)
    regions = grid.regions(extent)
    (style, seed) = (setup.options.fill, setup.options.seed)
    fill = FloatBuffer(extent.channels * extent.height * extent.width)
    counts = FloatBuffer(extent.height * extent.width)
    setup.change(regions)
  }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    let score = run.score
    multiplyAdds = run.multiplyAdds
    style.paint(fill, extent, from: run.picture, patch: grid.patch, seed: seed)
    map.clear()
    counts.values.update(repeating: 0)
    try run.changeRegions(to: fill) { index, covered in add(score - covered, regions[index], to: map) }
    for i in map.values.indices where counts[i] > 0 { map.values[i] /= counts[i] }
  }

  var note: String? {
    guard let multiplyAdds, multiplyAdds.whole > 0 else { return nil }
    let giga = { (count: Int) in String(format: "%.3f", Double(count) / 1e9) }
    return "each of \(regions.count) patches took \(giga(multiplyAdds.region)) of the network's "
      + "\(giga(multiplyAdds.whole)) G multiply-adds"
  }

  private func add(_ loss: Float, _ region: MapRegion, to map: SaliencyMap) {
    for y in region.rows {
      for i in y * extent.width + region.columns.lowerBound..<y * extent.width + region.columns.upperBound {
        map.values[i] += loss
        counts[i] += 1
      }
    }
  }
}

/// Where patches lie on an input.
package struct PatchGrid {
  let patch: Int
  private let stride: Int, rows: Int, columns: Int

  /// Throws for a patch that is larger than the input.
  package init(_ input: SpatialExtent, _ options: MethodOptions) throws {
    let shorter = min(input.height, input.width)
    patch = options.patch ?? max(1, shorter / 7)
    stride = options.stride ?? max(1, patch / 4)
    guard patch <= shorter, stride <= patch else {
      throw UserError(
        "a patch of \(patch) pixels in steps of \(stride) does not cover an input of \(input.width)x\(input.height); "
          + "use a patch of at most \(shorter) pixels and steps no larger than it.", .usage)
    }
    rows = (input.height - patch + stride - 1) / stride + 1
    columns = (input.width - patch + stride - 1) / stride + 1
  }

  /// The patches' pixels, row by row.
  package func regions(_ input: SpatialExtent) -> [MapRegion] {
    (0..<rows).flatMap { row in
      (0..<columns).map { column in
        MapRegion(rows: span(row, input.height), columns: span(column, input.width))
      }
    }
  }

  private func span(_ index: Int, _ side: Int) -> Range<Int> { index * stride..<min(index * stride + patch, side) }
}

extension PatchFill {
  /// What the patch shows at each place.
  func paint(_ fill: FloatBuffer, _ extent: SpatialExtent, from picture: FloatBuffer, patch: Int, seed: Int) {
    let area = extent.height * extent.width
    var numbers = NormalNumbers(seed: seed)
    for channel in 0..<extent.channels {
      let plane = channel * area..<(channel + 1) * area
      var (sum, squares) = (0.0, 0.0)
      for i in plane {
        sum += Double(picture[i])
        squares += Double(picture[i]) * Double(picture[i])
      }
      let mean = sum / Double(area)
      let deviation = max(squares / Double(area) - mean * mean, 0).squareRoot()
      switch self {
      case .mean: for i in plane { fill[i] = Float(mean) }
      case .noise: for i in plane { fill[i] = Float(mean + deviation * numbers.normal()) }
      case .blur:
        for y in 0..<extent.height {
          for x in 0..<extent.width { fill[plane.lowerBound + y * extent.width + x] = 0 }
        }
        blur(fill, extent, channel, from: picture, radius: patch)
      }
    }
  }

  /// The mean over (2 radius + 1)² places around each, fewer at the edges.
  private func blur(
    _ fill: FloatBuffer, _ extent: SpatialExtent, _ channel: Int, from picture: FloatBuffer, radius: Int
  ) {
    let start = channel * extent.height * extent.width
    var line = [Float](repeating: 0, count: extent.height * extent.width)
    for y in 0..<extent.height {
      for x in 0..<extent.width {
        let xs = max(0, x - radius)..<min(extent.width, x + radius + 1)
        var sum: Float = 0
        for column in xs { sum += picture[start + y * extent.width + column] }
        line[y * extent.width + x] = sum / Float(xs.count)
      }
    }
    for y in 0..<extent.height {
      let ys = max(0, y - radius)..<min(extent.height, y + radius + 1)
      for x in 0..<extent.width {
        var sum: Float = 0
        for row in ys { sum += line[row * extent.width + x] }
        fill[start + y * extent.width + x] = sum / Float(ys.count)
      }
    }
  }
}
