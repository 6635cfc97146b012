import Tensors

/// The values of a layer, or their gradient, as channels of height x width: [C, H, W] row-major.
package struct Features {
  package let channels: Int
  /// Rows; 1 for a fully connected layer.
  package let height: Int
  /// Columns; 1 for a fully connected layer.
  package let width: Int
  package let values: UnsafePointer<Float>

  package var area: Int { height * width }

  /// A layer's tensor, [1, C, H, W], or [1, C] with a single position.
  init(_ view: TensorView) {
    let extent = SpatialExtent(view.shape)
    (channels, height, width) = (extent.channels, extent.height, extent.width)
    values = UnsafePointer(view.pointer.assumingMemoryBound(to: Float.self))
  }

  init(_ extent: SpatialExtent, _ values: UnsafePointer<Float>) {
    (channels, height, width) = (extent.channels, extent.height, extent.width)
    self.values = values
  }

  /// The first value of a channel.
  func channel(_ index: Int) -> UnsafePointer<Float> { values + index * area }

  func sum(_ index: Int) -> Float { Explanations.sum(channel(index), area) }
}

/// Channels, rows and columns of a layer.
package struct SpatialExtent: Hashable, Sendable {
  package let channels: Int, height: Int, width: Int

  init(channels: Int, height: Int, width: Int) {
    (self.channels, self.height, self.width) = (channels, height, width)
  }

  /// Of [1, C, H, W]; any other shape counts as channels with a single position.
  package init(_ shape: Shape) {
    let isSpatial = shape.rank == 4 && shape[0] == 1
    channels = isSpatial ? shape[1] : shape.count
    (height, width) = isSpatial ? (shape[2], shape[3]) : (1, 1)
  }

  package var isSpatial: Bool { height * width > 1 }
}
