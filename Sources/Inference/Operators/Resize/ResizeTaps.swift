/// For each output position of one axis, which input positions count how much.
struct ResizeTaps {
  let count: Int
  /// Input positions, `count` for each output position, all inside the axis.
  private(set) var indices: [Int]
  /// Weights, which sum up to 1 for each output position.
  private(set) var weights: [Float]

  init(_ axis: ResizedAxis, _ resize: Resize) {
    let filter = Filter(axis, resize)
    count = filter.count
    indices = []
    weights = []
    indices.reserveCapacity(axis.out * count)
    weights.reserveCapacity(axis.out * count)
    for x in 0..<axis.out { append(filter, axis, resize, x) }
  }

  private mutating func append(_ filter: Filter, _ axis: ResizedAxis, _ resize: Resize, _ x: Int) {
    let position = resize.coordinates.position(x, in: axis.extent, out: axis.out, scale: axis.scale)
    // Farther outside only the edge counts; the limits also keep the scales of damaged files from overflowing.
    let center = min(max(position, -Float(axis.extent) - 8), 2 * Float(axis.extent) + 8)
    let first = filter.firstTap(center, resize, axis)
    let start = weights.count
    var sum: Float = 0
    for tap in 0..<count {
      let index = first + tap
      let isOutside = index < 0 || index >= axis.extent
      let weight = resize.excludesOutside && isOutside ? 0 : filter.weight(Float(index) - center)
      indices.append(min(max(index, 0), axis.extent - 1))
      weights.append(weight)
      sum += weight
    }
    if sum == 0 {
      weights[start] = 1
    } else if resize.antialias || resize.excludesOutside {
      for i in start..<weights.count { weights[i] /= sum }
    }
  }
}

/// The interpolation kernel of one axis.
private struct Filter {
  let mode: Resize.Mode
  /// Catmull-Rom's -0.5, ONNX's default -0.75; see Keys, "Cubic Convolution Interpolation", 1981, equation 15.
  let a: Float
  /// 1, or with antialiasing how many input elements an output element covers.
  let stretch: Float
  let count: Int

  init(_ axis: ResizedAxis, _ resize: Resize) {
    (mode, a) = (resize.mode, resize.cubicCoefficient)
    stretch = resize.antialias ? max(1, min(1 / axis.scale, Float(axis.extent) * 2)) : 1
    switch mode {
    case .nearest: count = 1
    case .linear: count = resize.antialias ? 2 * Int(stretch.rounded(.up)) + 1 : 2
    case .cubic: count = resize.antialias ? 2 * Int((2 * stretch).rounded(.up)) + 1 : 4
    }
  }

  func firstTap(_ center: Float, _ resize: Resize, _ axis: ResizedAxis) -> Int {
    switch mode {
    case .nearest: Int(resize.nearest.index(center, scale: axis.scale))
    case .linear where !resize.antialias: Int(center.rounded(.down))
    case .cubic where !resize.antialias: Int(center.rounded(.down)) - 1
    case .linear: Int((center + 1 - stretch).rounded(.down))
    case .cubic: Int((center + 1 - 2 * stretch).rounded(.down))
    }
  }

  func weight(_ distance: Float) -> Float {
    let x = abs(distance) / stretch
    switch mode {
    case .nearest: return 1
    case .linear: return max(0, 1 - x)
    case .cubic:
      if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
    }
  }
}
