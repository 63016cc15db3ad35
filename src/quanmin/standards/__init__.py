"""The standards: what data must be.

Reads the catalogue, a folder of data files inside the package (or another folder, for another catalogue); writes nothing.
Promises: a catalogue that loads is whole (every name in it means something), every rule answers the same vectorised and
row by row, and nothing here touches a store, a network or a clock.
"""
