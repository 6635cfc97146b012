import Telemetry

/// RISE: Petsiuk, Das, Saenko 2018, equation 6: the mean of random masks, each weighted by the probability that the picture
/// gets through it. A mask is a coarse grid whose cells are open with probability 1/2, enlarged and shifted.
final class RISE: SaliencyMethod {
  static let info = MethodInfo(
    "rise", "RISE", "the mean of random masks, weighted by what the network sees through each",
    paper: "Petsiuk et al. 2018, eq. 6", needs: .runs, cost: "1 + M")

  private let extent: SpatialExtent
  private let masks: Int, cells: Int, seed: Int, cellHeight: Int, cellWidth: Int
  private let grid: FloatBuffer, enlarged: FloatBuffer
  private let resizer: BilinearResize
  private static let open = 0.5

  init(_ setup: MethodSetup) throws {
    extent = setup.network.inputExtent
    (masks, cells, seed) = (setup.options.masks, setup.options.cells, setup.options.seed)
    guard cells <= min(extent.height, extent.width) else {
      throw UserError(
        "\(cells) cells along each side are too many for an input of \(extent.width)x\(extent.height).", .usage)
    }
    // One cell more than the picture has, so that a shift by less than a cell leaves it covered.
    (cellHeight, cellWidth) = ((extent.height + cells - 1) / cells, (extent.width + cells - 1) / cells)
    grid = FloatBuffer(cells * cells)
    let (height, width) = ((cells + 1) * cellHeight, (cells + 1) * cellWidth)
    enlarged = FloatBuffer(height * width)
    resizer = BilinearResize(height: cells, width: cells, toHeight: height, toWidth: width)
  }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    guard let cellValues = grid.values.baseAddress, let large = enlarged.values.baseAddress else { return }
    var numbers = NormalNumbers(seed: seed)
    map.clear()
    for _ in 0..<masks {
      for i in grid.values.indices { grid[i] = numbers.uniform() < Self.open ? 1 : 0 }
      let down = Int(numbers.uniform() * Double(cellHeight))
      let right = Int(numbers.uniform() * Double(cellWidth))
      resizer.resize(cellValues, into: large)
      let origin = large + down * (cells + 1) * cellWidth + right
      cover(run, origin)
      try run.forward()
      add(run.probability / Float(Double(masks) * Self.open), origin, to: map)
    }
  }

  private func cover(_ run: NetworkRun, _ mask: UnsafePointer<Float>) {
    for channel in 0..<extent.channels {
      for y in 0..<extent.height {
        let (line, row) = ((channel * extent.height + y) * extent.width, mask + y * (cells + 1) * cellWidth)
        for x in 0..<extent.width { run.input[line + x] = run.picture[line + x] * row[x] }
      }
    }
  }

  private func add(_ weight: Float, _ mask: UnsafePointer<Float>, to map: SaliencyMap) {
    for y in 0..<extent.height {
      let row = mask + y * (cells + 1) * cellWidth
      for x in 0..<extent.width { map.values[y * extent.width + x] += weight * row[x] }
    }
  }
}
