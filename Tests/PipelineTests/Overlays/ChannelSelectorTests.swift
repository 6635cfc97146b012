import Testing

@testable import Pipeline

@Suite struct ChannelSelectorTests {
  private func selected(_ style: OverlayStyle, _ values: [Float], _ count: Int) -> ([Int], (Float, Float)) {
    let maps = layer("", [1, values.count / 2, 1, 2], values)
    var selector = ChannelSelector(style.channels, by: style.order, style.normalization)
    selector.select(maps, min(count, selector.count(of: maps)))
    let range = selector.range(maps, selector.selected.first ?? 0)
    return (selector.selected, (range.low, range.high))
  }

  @Test func choosesChannels() {
    let values: [Float] = [1, 2, -9, 9, 0, 0, 4, 5]
    var style = OverlayStyle()
    #expect(selected(style, values, 3).0 == [0, 1, 2])
    #expect(selected(style, values, 3).1 == (1, 2))
    style.normalization = .layer
    #expect(selected(style, values, 3).1 == (-9, 9))
    style.order = .strength
    #expect(selected(style, values, 3).0 == [1, 3, 0])
    style.channels = .automatic(limit: 2)
    #expect(selected(style, values, 9).0 == [1, 3])
    (style.channels, style.order) = (.list([3, 7, 0]), .index)
    #expect(selected(style, values, 9).0 == [3, 0])
  }
}
