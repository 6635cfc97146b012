import Tensors

/// Where a layer's channels, rows and columns lie in memory: place (k, y, x) is element `k·channelStep + y·rowStep + x·columnStep`.
package struct LayerLayout: Hashable, Sendable {
  package let extent: SpatialExtent
  let channelStep: Int, rowStep: Int, columnStep: Int

  /// Channels first, row-major: what methods read as it is.
  package var isPlanar: Bool {
    (extent.channels == 1 || channelStep == extent.height * extent.width)
      && (extent.height == 1 || rowStep == extent.width)
      && (extent.width == 1 || columnStep == 1)
  }

  package var count: Int { extent.channels * extent.height * extent.width }

  /// [1, C, H, W]
  package init(planar extent: SpatialExtent) {
    self.extent = extent
    (channelStep, rowStep, columnStep) = (extent.height * extent.width, extent.width, 1)
  }

  /// Of axes that are known; nil where these are not one set of channels, all rows and all columns.
  init?(_ axes: [AxisAtoms], _ shape: Shape) {
    var steps: [(atom: AxisAtom, step: Int)] = []
    var inner = 1
    for (atoms, extent) in zip(axes, shape.dimensions).reversed() {
      guard let atoms else { return nil }
      var step = inner
      for atom in atoms.reversed() {
        steps.append((atom, step))
        step *= atom.count
      }
      inner *= extent
    }
    func find(_ meaning: AxisMeaning) -> (count: Int, step: Int)? {
      let found = steps.filter { $0.atom.meaning == meaning }
      guard found.count <= 1, found.allSatisfy({ $0.atom.isWhole }) else { return nil }
      return found.first.map { ($0.atom.count, $0.step) } ?? (1, 0)
    }
    guard let rows = find(.rows), let columns = find(.columns) else { return nil }
    var channels = (count: 1, step: 0)
    for (atom, step) in steps where atom.meaning != .rows && atom.meaning != .columns {
      // Several sets, such as heads and what each has, are one where they lie evenly.
      guard channels.count == 1 || step == channels.step * channels.count else { return nil }
      channels = (channels.count * atom.count, channels.count == 1 ? step : channels.step)
    }
    extent = SpatialExtent(channels: channels.count, height: rows.count, width: columns.count)
    (channelStep, rowStep, columnStep) = (channels.step, rows.step, columns.step)
  }

  /// Copies values, or gradients, of this layout to channels of rows.
  package func gather(_ from: UnsafePointer<Float>, into to: UnsafeMutablePointer<Float>) {
    var next = 0
    forEachPlace { place in
      to[next] = from[place]
      next += 1
    }
  }

  /// Where the values of a channel lie, one after the other with equal steps between them; nil where the steps differ.
  func places(ofChannel index: Int) -> (first: Int, count: Int, step: Int)? {
    guard extent.height == 1 || extent.width == 1 || rowStep == columnStep * extent.width else { return nil }
    let step = extent.width > 1 ? columnStep : max(rowStep, 1)
    return (index * channelStep, extent.height * extent.width, step)
  }

  func place(_ channel: Int, _ y: Int, _ x: Int) -> Int { channel * channelStep + y * rowStep + x * columnStep }

  /// Copies channels of rows to values of this layout.
  package func scatter(_ from: UnsafePointer<Float>, into to: UnsafeMutablePointer<Float>) {
    var next = 0
    forEachPlace { place in
      to[place] = from[next]
      next += 1
    }
  }

  /// Writes one channel, row-major.
  func scatter(_ channel: UnsafePointer<Float>?, _ index: Int, into to: UnsafeMutablePointer<Float>) {
    for y in 0..<extent.height {
      for x in 0..<extent.width {
        to[index * channelStep + y * rowStep + x * columnStep] = channel.map { $0[y * extent.width + x] } ?? 0
      }
    }
  }

  private func forEachPlace(_ body: (Int) -> Void) {
    for k in 0..<extent.channels {
      for y in 0..<extent.height {
        for x in 0..<extent.width { body(k * channelStep + y * rowStep + x * columnStep) }
      }
    }
  }
}
